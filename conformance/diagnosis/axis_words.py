"""Words for the values on each axis: what an Adam does that has one.

Source: `adamref.Convention`, which defines them.
"""

from collections.abc import Collection, Mapping

from ..vectors.switches import COMPLEX, LIMITS

# Axis -> value -> what "it" does.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "epsilon": {
        "hat": "adds epsilon to the root of v before the correction (epsilon-hat)",
        "outside": "adds epsilon to the root of the corrected v",
        "inside": "adds epsilon to v under the root",
        "both": "adds epsilon_root under the root and epsilon outside",
    },
    "bias_correction": {
        "both": "corrects both moments",
        "none": "corrects no moment",
        "first": "corrects m and not v",
        "second": "corrects v and not m",
    },
    "step_scope": {
        "optimizer": "has one t for all parameters, which counts calls",
        "parameter": "has a t for each parameter, which counts its gradients",
    },
    "none_gradient": {
        "skip": "leaves a parameter without a gradient as it is",
        "skip_but_count": "counts a step for a parameter without a gradient",
        "error": "refuses a missing gradient",
    },
    "all_none": {
        "error": "refuses a call without any gradient",
        "no_op": "does nothing in a call without any gradient",
        "count": "counts a call without any gradient",
    },
    "amsgrad": {
        "max_raw": "takes the maximum of v before the correction",
        "max_corrected": "takes the maximum of the corrected v",
    },
    "amsgrad_bias_correction": {
        "both": "corrects both moments with AMSGrad",
        "none": "corrects no moment with AMSGrad",
        "first": "corrects m and not v with AMSGrad",
        "second": "corrects v and not m with AMSGrad",
    },
    "weight_decay": {
        "l2": "adds weight_decay times the parameter to the gradient (L2)",
        "decoupled": "takes weight decay from the parameter itself (AdamW)",
    },
    "decay_when": {
        "before": "decays before the step",
        "after": "decays after the step",
    },
    "decay_scale": {
        "lr": "multiplies the decay by the learning rate",
        "one": "does not multiply the decay by the learning rate",
        "lr_t": "multiplies the decay by the learning rate with its bias correction",
    },
    "clip": {
        "cumulative": "applies every limit that is set",
        "first": "applies the first limit that is set",
        "exclusive": "refuses several limits",
    },
    "clip_order": {
        "value_norm_global": "clips by value, by norm, and by global norm",
        "norm_value_global": "clips by norm, by value, and by global norm",
        "norm_global_value": "clips by norm, by global norm, and by value",
    },
    "clip_law": {
        "exact": "clips a norm to the limit",
        "plus_1e-6": "divides by the norm plus 1e-6",
    },
    "clip_when": {
        "before_l2": "clips before L2 is added",
        "after_l2": "clips after L2 is added",
    },
    "clip_duplicates": {
        "before_sum": "clips before repeated rows are summed",
        "after_sum": "clips after repeated rows are summed",
    },
    "sparse": {
        "dense_equivalent": "moves all rows by a sparse gradient",
        "lazy_global_t": "moves only the rows of a sparse gradient, with the t of the optimizer",
        "lazy_row_t": "moves only the rows of a sparse gradient, each with its own t",
        "lazy_tensor_t": "moves only the rows of a sparse gradient, with the t of the parameter",
    },
    "duplicates": {
        "sum_then_square": "squares the sum of repeated rows",
        "sum_of_squares": "sums the squares of repeated rows",
    },
    "empty_sparse": {
        "counts": "takes a step by a sparse gradient without rows",
        "ignored": "ignores a sparse gradient without rows",
    },
    "epsilon_zero": {
        "as_given": "takes an epsilon of 0 as it is",
        "default": "replaces an epsilon of 0 by 1e-7",
    },
    "complex": {
        "components": "treats both parts of a complex number as numbers",
        "modulus": "has one v for both parts of a complex number",
    },
}
# Axis -> the features of vectors that are about it; an axis that is not here matters to all.
_ABOUT: Mapping[str, Collection[str]] = {
    **dict.fromkeys(("none_gradient", "all_none"), ("none",)),
    "step_scope": ("none", "sparse", "load"),
    **dict.fromkeys(("amsgrad", "amsgrad_bias_correction"), ("amsgrad",)),
    **dict.fromkeys(("weight_decay", "decay_when", "decay_scale"), ("weight_decay",)),
    **dict.fromkeys(("clip", "clip_order", "clip_law", "clip_when"), LIMITS),
    **dict.fromkeys(("sparse", "duplicates", "empty_sparse", "clip_duplicates"), ("sparse",)),
    COMPLEX: (COMPLEX,),
}
# More differences than this are no explanation.
_MOST = 2


def words_of(axis: str, value: str) -> str:
    """Return what an Adam does that has this value, after "it"; empty if it has no words."""
    return _WORDS.get(axis, {}).get(value, "")


def difference(
    own: Mapping[str, str], other: Mapping[str, str], name: str, asked: Collection[str]
) -> str:
    """Return in words where an Adam differs from a convention.

    Empty if it differs nowhere, on many axes, or in what one of the two does not have.

    Args:
        own: the values of the Adam, on the axes that are known.
        other: those of the convention.
        name: of the convention.
        asked: the features that the Adam was asked about.
    """
    phrases = []
    for axis, value in own.items():
        words = _WORDS.get(axis, {})
        if axis in _ABOUT and not set(asked) & set(_ABOUT[axis]):
            continue
        if value != other[axis] and value in words and other[axis] in words:
            phrases.append(f"it {words[value]}, where {name} {words[other[axis]]}")
    return "; ".join(phrases) if 0 < len(phrases) <= _MOST else ""
