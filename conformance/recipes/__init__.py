"""The inputs of the vectors: what is tried, why, and on which axes the answers are told apart."""

from itertools import chain

from .contract import arithmetic, none_gradient, shapes
from .decay import maximize, weight_decay
from .moments import amsgrad, basic, bias, epsilon

TOPICS = {
    "basic": "The algorithm as such: several parameters, several steps, gradients of mixed size.",
    "bias": "Bias correction: its exponent, its counter, and which moments it corrects.",
    "epsilon": "Where epsilon stands, with gradients as small as epsilon.",
    "amsgrad": "AMSGrad: what the maximum is taken of, and that it is remembered.",
    "weight-decay": "L2 and decoupled weight decay: kind, order, scale and sign.",
    "maximize": "Ascent, alone and with weight decay.",
    "none-gradient": "Parameters without a gradient: what moves and what counts.",
    "shapes": "Shapes and sizes: scalars, empty arrays, odd lengths, several ranks.",
    "arithmetic": "Decimal hyperparameters from zero parameters: to which format an Adam rounds its scalars.",
}

RECIPES = tuple(
    chain(basic(), bias(), epsilon(), amsgrad(), weight_decay(), maximize(), none_gradient(), shapes(), arithmetic())
)
