"""Sets of axis values that the answers of a vector tell apart."""

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
