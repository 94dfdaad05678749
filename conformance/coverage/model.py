"""The model of the input space: its features, and the levels that each may have.

`FEATURES` is data. A feature names its level at one place: the present call of an optimizer and one
of its parameters. Some features name a level for each element there.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from ..vectors.switches import LIMITS, allows
from .classes import (
    Names,
    amsgrad_class,
    beta_class,
    count_class,
    epsilon_class,
    gradient_class,
    history_class,
    limit_class,
    magnitude_class,
    order_class,
    position_class,
    rate_class,
    schedule_class,
    size_class,
    t_class,
)
from .exclusions import EXCLUSIONS, Exclusion
from .life import Life

# What is needed for a level: one of `vectors.switches.FEATURES`, or nothing.
_NOTHING = ""


class Feature(NamedTuple):
    """A feature of the input space.

    Fields:
        name: of the feature.
        levels: the name of each level -> the feature of vectors that it needs, or nothing.
        of: names the level for the parameter with a number in the present call.
    """

    name: str
    levels: Mapping[str, str]
    of: Callable[[Life, int], str | Names]


class Level(NamedTuple):
    """A level of a feature, as `t` and `64`."""

    feature: str
    name: str

    def __str__(self) -> str:
        return f"{self.feature} {self.name}"


# Two levels of two features, in the order of the model.
Pair = tuple[Level, Level]


def _plain(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, _NOTHING)


def _limit(name: str) -> Feature:
    levels = _plain("off") | dict.fromkeys(("clips", "does not clip"), name)
    return Feature(name, levels, lambda life, param: limit_class(life, param, name))


def _switch(name: str) -> Feature:
    return Feature(
        name,
        {"off": _NOTHING, "on": name},
        lambda life, _param: "on" if name in life.switches else "off",
    )


_RESTORED = (
    "restored",
    "restored when used",
    "restored among other numbers",
    "restored over other parameters",
    "restored twice",
)
_BETAS = _plain("zero", "tiny", "dyadic", "decimal", "long decimal", "near one")

FEATURES: tuple[Feature, ...] = (
    Feature(
        "dtype",
        {"float16": "float16", "float32": _NOTHING, "float64": _NOTHING},
        lambda life, param: life.params[param].dtype.name,
    ),
    # Numbers that a user sets.
    Feature("beta1", _BETAS, lambda life, _param: beta_class(life.numbers["beta1"])),
    Feature("beta2", _BETAS, lambda life, _param: beta_class(life.numbers["beta2"])),
    Feature(
        "betas",
        _plain("beta2 is larger", "beta1 is larger"),
        lambda life, _param: order_class(life.numbers["beta1"], life.numbers["beta2"]),
    ),
    Feature(
        "epsilon",
        _plain("zero", "tiny", "ordinary", "large"),
        lambda life, _param: epsilon_class(life.numbers["epsilon"]),
    ),
    Feature(
        "learning_rate",
        _plain("zero", "tiny", "ordinary", "above one"),
        lambda life, _param: rate_class(life.rates[-1]),
    ),
    Feature(
        "schedule",
        _plain("never changed")
        | dict.fromkeys(
            ("changes", "changed before", "changes back", "changes to zero", "given again"),
            "schedule",
        ),
        lambda life, _param: schedule_class(life),
    ),
    # Switches.
    Feature(
        "amsgrad",
        _plain("off") | dict.fromkeys(("v is the largest", "v has fallen"), "amsgrad"),
        amsgrad_class,
    ),
    _switch("weight_decay"),
    _switch("maximize"),
    _switch("epsilon_root"),
    *(_limit(name) for name in LIMITS),
    # Parameters.
    Feature(
        "parameters",
        _plain("one", "few", "tens", "hundreds"),
        lambda life, _param: count_class(len(life.params)),
    ),
    Feature(
        "position",
        _plain("first", "middle", "last"),
        lambda life, param: position_class(param, len(life.params)),
    ),
    Feature(
        "dimensions",
        _plain("0", "1", "2", "3", "4", "5"),
        lambda life, param: str(life.params[param].ndim),
    ),
    Feature(
        "size",
        _plain(
            "one",
            "no block",
            "next to a block",
            "blocks of 4",
            "blocks of 8",
            "blocks of 64",
            "blocks of 1024",
            "beyond 2^16",
        ),
        lambda life, param: size_class(life.params[param].size),
    ),
    # Gradients.
    Feature(
        "gradient",
        _plain("dense")
        | {"missing": "none"}
        | dict.fromkeys(("rows", "repeated rows", "rows repeated often", "no rows"), "sparse"),
        lambda life, param: gradient_class(life.grads[param]),
    ),
    Feature(
        "gradients before",
        _plain("first call", "all")
        | dict.fromkeys(("none", "a pause", "a long pause", "a pause earlier"), "none"),
        history_class,
    ),
    Feature(
        "magnitude",
        _plain("zero", "tiny", "ordinary", "huge"),
        lambda life, param: magnitude_class(life.grads[param]),
    ),
    # Time.
    Feature(
        "t",
        _plain("1", "2", "3 to 9", "10 to 99", "64", "100 to 999", "256")
        | dict.fromkeys(
            ("from 1000", "from 2^14", "from 2^16", "from 2^24", "from 2^31"),
            "load",
        ),
        lambda life, _param: t_class(life.t),
    ),
    Feature(
        "life",
        _plain("plain", "beside another") | {"loaded": "load"} | dict.fromkeys(_RESTORED, "save"),
        lambda life, _param: life.event,
    ),
)

# Every level, in the order of the features, and what it needs.
LEVELS: tuple[Level, ...] = tuple(
    Level(feature.name, name) for feature in FEATURES for name in feature.levels
)
NEEDED = {
    Level(feature.name, name): needed
    for feature in FEATURES
    for name, needed in feature.levels.items()
}


def legal_pairs(conventions: Iterable[Mapping[str, str]]) -> list[Pair]:
    """Return the pairs of levels of two features that some of the conventions have together."""
    known = [dict(axes) for axes in conventions]
    pairs = []
    for one, other in combinations(LEVELS, 2):
        if one.feature == other.feature or _is_excluded(one, other):
            continue
        having_one = [axes for axes in known if allows(axes, NEEDED[one])]
        if any(allows(axes, NEEDED[other]) for axes in having_one):
            pairs.append((one, other))
    return pairs


def _is_excluded(one: Level, other: Level) -> bool:
    return any(_matches(rule, one, other) or _matches(rule, other, one) for rule in EXCLUSIONS)


def _matches(rule: Exclusion, one: Level, other: Level) -> bool:
    sides = ((rule.one, one), (rule.other, other))
    return all(
        feature == level.feature and (not names or level.name in names)
        for (feature, names), level in sides
    )
