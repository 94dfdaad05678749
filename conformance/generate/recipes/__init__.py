"""Recipes: the inputs of the vectors, a module for each topic. Start with `moments`; `build` writes them down."""

from itertools import chain

from .amsgrad import amsgrad
from .clip import clip
from .contract import arithmetic, none_gradient, shapes, step_scope
from .decay import maximize, weight_decay
from .duplicates import sparse_duplicates
from .extremes import extremes
from .moments import basic, bias, epsilon
from .relations import relations
from .scale import float16, long, sizes
from .sparse import sparse, sparse_amsgrad

TOPICS = {
    "basic": "The algorithm as such: several parameters, several steps, gradients of mixed size.",
    "bias": "Bias correction: its exponent, its counter, and which moments it corrects.",
    "epsilon": "Where epsilon stands, with gradients as small as epsilon.",
    "amsgrad": "AMSGrad: what the maximum is taken of, and that it is remembered.",
    "weight-decay": "L2 and decoupled weight decay: kind, order, scale and sign.",
    "maximize": "Ascent, alone and with weight decay.",
    "none-gradient": "Parameters without a gradient: what moves and what counts.",
    "clip": "Clipping by value, by norm and by global norm, alone and together.",
    "step-scope": "Whose steps are counted: the optimizer's calls, or each parameter's gradients.",
    "shapes": "Shapes and sizes: scalars, empty arrays, odd lengths, several ranks.",
    "arithmetic": "Decimal hyperparameters from zero parameters: to which format an Adam rounds its scalars.",
    "extremes": "Zeros of both signs, subnormals, squares that vanish or overflow, infinities and NaN.",
    "long": "Hundreds and thousands of steps, and counters that start late.",
    "sizes": "From no element to a million, never a multiple of a register's width.",
    "float16": "First steps in half precision.",
    "sparse": "Gradients of some rows alone: which rows move, and whose t corrects them.",
    "sparse-duplicates": "Sparse gradients that name a row more than once.",
    "sparse-amsgrad": "AMSGrad with sparse gradients.",
    "found": "The smallest inputs that tell two values of an axis, or a wrong Adam from a right one, found by search.",
    "rounding": "Inputs on which right Adams round worst, found by search: whoever asks for more exactness is wrong.",
    "relations": "Runs with changed inputs: scaled, negated, reversed, split, saved and restored.",
}

_ALL = (
    *(
        basic,
        bias,
        epsilon,
        amsgrad,
        weight_decay,
        maximize,
        clip,
        none_gradient,
        step_scope,
        shapes,
        arithmetic,
    ),
    *(extremes, long, sizes, float16, sparse, sparse_duplicates, sparse_amsgrad, relations),
)
RECIPES = tuple(chain.from_iterable(recipe() for recipe in _ALL))
