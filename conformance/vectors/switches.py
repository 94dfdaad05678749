"""Names of what a vector may turn on, set, or require."""

# Limits of clipping, in the order of their names in `clip_order`.
LIMITS = ("clipvalue", "clipnorm", "global_clipnorm")

# Switch -> the axis on which a convention must have it, to have it at all.
NEEDS = {
    "amsgrad": "amsgrad",
    "weight_decay": "weight_decay",
    "maximize": "maximize",
    **dict.fromkeys(LIMITS, "clip"),
}

# What may be required: to be able to do something, and, of `hygiene`, to do it without side effects.
FEATURES = (
    "hygiene",
    *(
        "none",
        "sparse",
        "load",
        "save",
        "schedule",
        "amsgrad",
        "epsilon_root",
        "weight_decay",
        "maximize",
    ),
    *("clipvalue", "clipnorm", "global_clipnorm", "float16", "float32", "float64"),
)

# The numbers that every subject takes, in the order in which it takes them.
HYPERPARAMETERS = ("learning_rate", "beta1", "beta2", "epsilon")

# Hyperparameters that `check(config=...)` may set.
NUMBERS = (*HYPERPARAMETERS, "weight_decay")
