"""Rows of covering arrays: combinations of features for vectors that have many of them together.

In a covering array every pair of levels of two factors stands in some row (Kuhn, Kacker and Lei,
NIST SP 800-142). A family has the features that one kind of library has. `combined_inputs` turns a
row into inputs, and `combinations` keeps the rows that are needed.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from covertable import make

# Level of each factor, by the name of the factor.
Row = Mapping[str, Any]

# Level -> number. Of a beta, the first is for beta1 and the second for beta2.
BETAS = {
    "zero": (0.0, 0.0),
    "tiny": (0.03, 0.02),
    "dyadic": (0.5, 0.75),
    "decimal": (0.9, 0.95),
    "long decimal": (0.8765, 0.98765),
    "near one": (0.9995, 0.999),
}
EPSILONS = {"tiny": 2.0**-44, "ordinary": 2.0**-20, "large": 0.5, "zero": 0.0}
RATES = {"ordinary": 2.0**-6, "tiny": 2.0**-20, "above one": 2.0, "zero": 0.0}
# Steps taken before the first call; 0 starts from nothing.
_STARTS = (0, 62, 254, 1500, 2**14, 2**16, 2**24, 2**31)

# What happens to the object: nothing, or a relation of `vectors.relations`.
LIVES = ("", "resume", "used", "numbers", "params", "twice", "beside")
# Learning rates of the calls: B is that which an Adam is made with, O another one, and a dash keeps
# the one before.
SCHEDULES = ("", "O-BB0", "-O-0B", "OBB0O", "-0O-B", "BBOB-", "B--BO", "0O-BB")
_LONG = 257

_ON_OR_OFF = (False, True)
# Factors of a family, each with its levels.
Factors = dict[str, Sequence[Any]]

_SWITCHES: Factors = {"amsgrad": _ON_OR_OFF, "none": _ON_OR_OFF}
_DTYPES = ["float32", "float64"]
_COUNTS = [3, 1, 10]
_NUMBERS: Factors = {
    "epsilon": list(EPSILONS),
    "rate": list(RATES),
    "dtype": _DTYPES,
    "count": _COUNTS,
}
_LIMITS = ["clipvalue", "clipnorm", "global_clipnorm", ""]
# Levels of the numbers: together these have every level.
_PROFILES = [
    {
        "betas": betas,
        "epsilon": list(EPSILONS)[number % len(EPSILONS)],
        # Not in step with epsilon.
        "rate": list(RATES)[(number + number // 4) % len(RATES)],
    }
    for number, betas in enumerate(BETAS)
]
_WITH_PROFILES: Factors = {"profile": _PROFILES, "dtype": _DTYPES, "count": _COUNTS}
_KERAS: Factors = {"limit": _LIMITS, "loose": _ON_OR_OFF, "decay": _ON_OR_OFF, "sparse": _ON_OR_OFF}
_TORCH: Factors = {"decay": _ON_OR_OFF, "maximize": _ON_OR_OFF}
# Numbers for which every arithmetic has one answer, where it is other features that matter.
_DYADIC: Factors = {"betas": ["dyadic"], "epsilon": ["ordinary"], "rate": ["ordinary"]}
_HALF: Factors = {
    **_SWITCHES,
    "dtype": ["float16"],
    "betas": ["dyadic", "zero"],
    "epsilon": ["ordinary", "large"],
    "rate": ["ordinary", "above one", "zero"],
    "count": [3, 10, 1],
}
_MANY: Factors = {**_DYADIC, **_SWITCHES, "dtype": _DTYPES, "large": [True], "count": [104]}

# Family -> its factors.
_FACTORS: dict[str, Factors] = {
    "plain": {"beta1": list(BETAS), "beta2": list(BETAS), **_NUMBERS},
    "paper": {
        "betas": list(BETAS),
        "start": _STARTS,
        "life": LIVES,
        "schedule": range(len(SCHEDULES)),
        "sparse": _ON_OR_OFF,
        **_SWITCHES,
        **_NUMBERS,
    },
    "torch": {**_TORCH, **_SWITCHES, **_WITH_PROFILES},
    "keras": {**_KERAS, **_SWITCHES, **_WITH_PROFILES},
    "optax": {"root": [True], "amsgrad": _ON_OR_OFF, **_WITH_PROFILES},
    "optax-decay": {"root": [True], "decay": [True], **_WITH_PROFILES, "profile": _PROFILES[:3]},
    "torch-sparse": {"sparse": [True], "maximize": [True], "none": _ON_OR_OFF, **_WITH_PROFILES},
    "long": {"cycle": [_LONG], **_WITH_PROFILES, "count": [2]},
    "large": {"large": [True], "none": _ON_OR_OFF, **_WITH_PROFILES, "count": [2, 104, 0, 11]},
    "large-paper": {"sparse": _ON_OR_OFF, **_MANY},
    "large-torch": {**_TORCH, **_MANY},
    "large-keras": {**_KERAS, **_MANY},
    "large-optax": {"root": [True], **_MANY, "none": [False]},
    "large-half": {**_MANY, "dtype": ["float16"]},
    "wide": {"wide": [True], **_KERAS, **_DYADIC, "dtype": _DTYPES, "count": [2]},
    # Half precision, with numbers that are exact in it.
    "half": {**_HALF, "sparse": _ON_OR_OFF},
    "half-torch": {**_HALF, **_TORCH},
    "half-keras": {**_HALF, **_KERAS},
    "half-optax": {**_HALF, "root": [True], "none": [False]},
}
# Rows that are drawn for each family, because no array can be about everything at once.
_DRAWN = 30
# Families in which starts, schedules and lives take turns, as they are no factors.
_TAKE_TURNS = (*("large", "large-paper", "large-torch", "large-keras"),)


def _complete(name: str, number: int, row: Row) -> dict[str, Any]:
    """Return a row with what it has besides the levels of its factors."""
    full = {**row, **row.get("profile", {}), "family": name, "number": number}
    full["seed"] = 1000 * (1 + list(_FACTORS).index(name)) + number
    if name.partition("-")[0] in ("large", "half") or name in _TAKE_TURNS:
        full.setdefault("schedule", number % len(SCHEDULES))
    if name in _TAKE_TURNS:
        # Not in step with any factor.
        full.setdefault("start", _STARTS[(5 * number + number // 8) % len(_STARTS)])
        full.setdefault("life", LIVES[(3 * number + number // 7) % len(LIVES)])
    # Zero by zero is no answer, and rows without a slice have gradients of zero.
    if full.get("sparse") and full["epsilon"] == "zero":
        full["sparse"] = False
    return full


def _drawn(name: str, first: int) -> Iterator[Row]:
    """Yield more rows of a family, with levels drawn at random: starts and lives among them."""
    # Half precision has no late calls, and many calls of one vector are costly enough.
    if name.partition("-")[0] in ("half", "plain", "long") or name == "large-half":
        return
    draw = Random(name)
    factors = {"start": _STARTS, "schedule": range(len(SCHEDULES)), "life": LIVES, **_FACTORS[name]}
    for number in range(first, first + _DRAWN):
        row = {factor: draw.choice(levels) for factor, levels in factors.items()}
        yield _complete(name, number, row)


def rows() -> Iterator[Row]:
    """Yield the rows of all families."""
    for family, factors in _FACTORS.items():
        array: list[Row] = make(dict(factors))
        for number, row in enumerate(array, 1):
            yield _complete(family, number, row)
        yield from _drawn(family, len(array) + 1)


def config_of(row: Row) -> dict[str, Any]:
    betas = row.get("betas", "dyadic")
    config: dict[str, Any] = {
        "learning_rate": RATES[row["rate"]],
        "beta1": BETAS[row.get("beta1", betas)][0],
        "beta2": BETAS[row.get("beta2", betas)][1],
        "epsilon": EPSILONS[row["epsilon"]],
    }
    if row["dtype"] == "float16":
        # What is smaller is nothing in half precision.
        config["epsilon"] = max(config["epsilon"], 2.0**-8)
    for name in ("amsgrad", "maximize"):
        if row.get(name):
            config[name] = True
    if row.get("decay"):
        config["weight_decay"] = 2.0**-4
    if row.get("root"):
        config["epsilon_root"] = 2.0**-12
    if row.get("limit"):
        config[row["limit"]] = 256.0 if row.get("loose") else 1.0
    return config
