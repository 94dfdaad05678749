"""Names: settings that a vector may turn on, features that it may require, spans of axis values."""

from collections.abc import Mapping, Sequence
from typing import Any

# Limits of clipping, in the order of their names in `clip_order`.
LIMITS = ("clipvalue", "clipnorm", "global_clipnorm")

# Calls for each update, which takes the mean of their gradients; a count.
ACCUMULATION = "gradient_accumulation_steps"

# Parameters with numbers of their own: a list of objects with `params`, their numbers from 0, and
# some of these hyperparameters.
GROUPS = "groups"
GROUP_NUMBERS = ("learning_rate", "beta1", "beta2", "epsilon", "weight_decay")

# Switches that a subject gets only if its signature names them: **kwargs that it passes on do not
# say that it knows them.
BY_NAME_ONLY = frozenset({ACCUMULATION, GROUPS})

# Switch -> the axis on which a convention must have a value other than "unsupported".
NEEDS = {
    "amsgrad": "amsgrad",
    "weight_decay": "weight_decay",
    "maximize": "maximize",
    "clipvalue": "clip",
    "clipnorm": "clip",
    "global_clipnorm": "clip",
}

# What a subject may say in `make.refuses`, each the feature `refuse_` and the word.
REFUSALS = ("shape", "dtype", "count", "index", "load_shape", "load_count")

# The forms in which a second run hands over the same numbers: layouts of all arrays, types of t in
# `load`, and what a subject must declare: gradients that cannot be written to, or have another
# float format than the parameters, and rows as 32-bit integers.
LAYOUTS = ("fortran", "strided")
COUNTS = ("t_int64", "t_array")
READ_ONLY = "readonly"
GRAD_DTYPE = "grad_dtype"
INT32_ROWS = "indices_int32"
DECLARED_FORMS = (READ_ONLY, GRAD_DTYPE, INT32_ROWS)
FORMS = (*LAYOUTS, *COUNTS, *DECLARED_FORMS)
# Parameters of several dtypes in one optimizer, which a subject must declare too.
MIXED = "mixed_dtypes"

# Calls whose gradients are multiplied by a loss scale, which a subject must declare.
LOSS_SCALE = "loss_scale"

# A form of its own, of vectors and not of second runs: the last axis of every array has the real
# and imaginary part of a complex number.
COMPLEX = "complex"

# What `--require` may name. A subject has a feature if it can do it; `hygiene` it has if it does
# everything else without side effects.
# Formats of parameters.
DTYPES = ("bfloat16", "float16", "float32", "float64")
FEATURES = (
    "hygiene",
    # Kinds of calls.
    "none",
    "sparse",
    "load",
    "save",
    "schedule",
    # Settings.
    "amsgrad",
    "epsilon_root",
    "weight_decay",
    "maximize",
    *LIMITS,
    ACCUMULATION,
    *DECLARED_FORMS,
    MIXED,
    LOSS_SCALE,
    # Bad inputs that are refused.
    *(f"refuse_{word}" for word in REFUSALS),
    GROUPS,
    "add_group",
    *DTYPES,
    COMPLEX,
)

# The numbers that every subject takes, in the order in which it takes them.
HYPERPARAMETERS = ("learning_rate", "beta1", "beta2", "epsilon")

# Hyperparameters that `check(config=...)` may set.
NUMBERS = (*HYPERPARAMETERS, "weight_decay")


def own_numbers(groups: Sequence[Mapping[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return for each of ``count`` parameters the hyperparameters that its group sets.

    Raises:
        ValueError: a group names a parameter that is not there.
    """
    own: list[dict[str, Any]] = [{} for _ in range(count)]
    for group in groups:
        for param in group["params"]:
            if param >= count:
                raise ValueError(f"params of groups must be below {count}, got {param}")
            own[param] = {name: value for name, value in group.items() if name != "params"}
    return own


# Feature -> the axis on which a convention must have a value that allows it.
_AXES = NEEDS | {
    "none": "none_gradient",
    "sparse": "sparse",
    "epsilon_root": "epsilon",
    COMPLEX: "complex",
}


def allows(axes: Mapping[str, str], needed: str) -> bool:
    """Return whether a convention has a feature."""
    value = axes.get(_AXES.get(needed, ""), "")
    if needed == "none":
        return value != "error"
    if needed == "epsilon_root":
        return value == "both"
    return value != "unsupported"


# Spans: sets of axis values that the answers of a vector tell apart.

# Where epsilon stands.
PLACES = {"epsilon": ["hat", "outside", "inside", "both"]}
TWO_PLACES = {"epsilon": ["hat", "outside", "both"]}
# What AMSGrad takes the maximum of.
TWO_MAXIMA = {"amsgrad": ["max_raw", "max_corrected"]}
# Whose steps are counted, and which of them.
COUNTING = {
    "step_scope": ["optimizer", "parameter"],
    "none_gradient": ["skip", "skip_but_count"],
    "all_none": ["error", "no_op", "count"],
}
# How weights decay.
KINDS = {
    "weight_decay": ["l2", "decoupled"],
    "decay_when": ["before", "after"],
    "decay_scale": ["lr", "one", "lr_t"],
}
L2_OR_DECOUPLED = {"weight_decay": ["l2", "decoupled"]}
# Several clips at once, the law of norms, and the order of clips.
CLIPS = {"clip": ["cumulative", "first", "exclusive"]}
LAWS = {"clip_law": ["exact", "plus_1e-6"]}
ORDERS = {
    "clip": ["cumulative", "first"],
    "clip_order": ["value_norm_global", "norm_value_global", "norm_global_value"],
}
# Which rows move, and whose t corrects them; what does not go together is left out.
WHOSE = TWO_PLACES | {
    "sparse": ["dense_equivalent", "lazy_global_t", "lazy_row_t", "lazy_tensor_t"],
    "step_scope": ["optimizer", "parameter"],
}
# Those that named conventions have.
OURS = WHOSE | {"sparse": ["dense_equivalent", "lazy_global_t", "lazy_tensor_t"]}
# All rows move.
ALL_ROWS = TWO_PLACES | {"sparse": ["dense_equivalent"]}
# Whether a complex number has one v, or one for each part.
PARTS_OR_MODULUS = {"complex": ["components", "modulus"]}
# What of repeated rows enters v.
SUMS = {"duplicates": ["sum_then_square", "sum_of_squares"]}
