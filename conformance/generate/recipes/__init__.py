"""Recipes: inputs of vectors, a table for each topic. Start with `recipe`, then `moments`."""

from itertools import chain

from .amsgrad import AMSGRAD
from .clip import CLIP
from .complex_numbers import COMPLEX_PARAMETERS
from .contract import ARITHMETIC, NONE_GRADIENT, SHAPES, STEP_SCOPE
from .decay import MAXIMIZE, WEIGHT_DECAY
from .extremes import EXTREMES
from .half import HALF_PRECISION
from .lifetimes import LIFETIMES
from .long_and_large import FLOAT16, LONG, SIZES
from .moments import BASIC, BIAS, EPSILON
from .options.accumulation import ACCUMULATIONS
from .options.groups import PARAMETER_GROUPS
from .options.loss_scale import LOSS_SCALES
from .options.scaled_options import SCALED_OPTIONS
from .refusals import REFUSALS
from .relations import FORMS, RELATIONS
from .sparse import SPARSE
from .sparse_options import SPARSE_AMSGRAD, SPARSE_DUPLICATES, SPARSE_OPTIONS

# Topic -> what its file says of it. A topic is a file, and the first part of the ids in it.
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
    "arithmetic": "Decimal hyperparameters from zero parameters: "
    "to which format an Adam rounds its scalars.",
    "extremes": "Zeros of both signs, subnormals, squares that vanish or overflow, "
    "infinities and NaN.",
    "long": "Hundreds and thousands of steps, and counters that start late.",
    "sizes": "From no element to a million, never a multiple of a register's width.",
    "float16": "First steps in half precision.",
    "sparse": "Gradients of some rows alone: which rows move, and whose t corrects them.",
    "sparse-duplicates": "Sparse gradients that name a row more than once.",
    "sparse-amsgrad": "AMSGrad with sparse gradients.",
    # The inputs of these three are found by `conformance.search` and have no recipes.
    "together": "Many features at once: every two levels of two features "
    "that an Adam can have together.",
    "found": "The smallest inputs that tell two values of an axis, "
    "or a wrong Adam from a right one, found by search.",
    "rounding": "Inputs on which right Adams round worst, found by search: "
    "whoever asks for more exactness is wrong.",
    "relations": "Runs with changed inputs: scaled, negated, reversed, split, saved and restored.",
    "accumulation": "An update every k-th call, with the mean of the gradients of k calls.",
    "forms": "Runs with the same numbers in another layout or type.",
    "refusals": "Runs with bad inputs between the calls, each of which a subject says it refuses.",
    "lifetimes": "Objects that are saved, restored, loaded, used before, or beside others.",
    "groups": "Groups of parameters with numbers of their own.",
    "complex": "Complex parameters: v of each part, or of the modulus.",
    "storage": "What half precision keeps between steps: moments, masters, what rounding lost.",
    "loss-scale": "Gradients that are multiplied by a loss scale, "
    "and steps that are skipped because they overflowed.",
}

# In the order in which new vectors are added to their files.
_TABLES = (
    *(BASIC, BIAS, EPSILON, AMSGRAD, WEIGHT_DECAY, MAXIMIZE, CLIP, NONE_GRADIENT, STEP_SCOPE),
    *(SHAPES, ARITHMETIC, EXTREMES, LONG, SIZES, FLOAT16),
    *(SPARSE, SPARSE_OPTIONS, SPARSE_DUPLICATES, SPARSE_AMSGRAD, RELATIONS),
    *(ACCUMULATIONS, FORMS, REFUSALS, PARAMETER_GROUPS, LIFETIMES, COMPLEX_PARAMETERS),
    *(LOSS_SCALES, SCALED_OPTIONS),
    HALF_PRECISION,
)
RECIPES = tuple(spec for recipe in chain.from_iterable(_TABLES) for spec in recipe.specs())
