"""Exclusions: pairs of levels that no vector needs, each with the reason.

A pair is missing here unless it contradicts itself, or unless no right answer tells anything there.
What is only costly is no reason, but for norms of large arrays, which no file can hold.
"""

from typing import NamedTuple


class Exclusion(NamedTuple):
    """Levels of one feature that exclude levels of another.

    Fields:
        why: the reason, as the end of a sentence.
        one, other: a feature and levels of it; no levels are all that it has.
    """

    why: str
    one: tuple[str, frozenset[str]]
    other: tuple[str, frozenset[str]]


def _rule(why: str, one: str, ones: str, other: str, others: str) -> Exclusion:
    return Exclusion(why, (one, _names(ones)), (other, _names(others)))


def _names(names: str) -> frozenset[str]:
    return frozenset(filter(None, names.split("|")))


_SPARSE = "rows|repeated rows|rows repeated often|no rows"
_LATE = "from 1000|from 2^14|from 2^16|from 2^24|from 2^31"
_PAUSES = "none|a pause|a long pause|a pause earlier"
_RESTORED = "restored|restored when used|restored among other numbers|" + (
    "restored over other parameters|restored twice"
)
_LIMITS = ("clipvalue", "clipnorm", "global_clipnorm")
_NORMS = ("clipnorm", "global_clipnorm")

_ON = "clips|does not clip"
_TWO_NORMS = ("clipnorm", _ON, "global_clipnorm", _ON)

EXCLUSIONS: tuple[Exclusion, ...] = (
    # Contradictions.
    _rule("nothing is below zero", "beta1", "zero", "betas", "beta1 is larger"),
    _rule("nothing is below zero", "beta2", "zero", "betas", "beta2 is larger"),
    _rule("the rate is zero then", "learning_rate", "zero", "schedule", "changes|changes back"),
    _rule(
        "the rate is not zero then",
        "learning_rate",
        "tiny|ordinary|above one",
        "schedule",
        "changes to zero",
    ),
    _rule("it takes two changes", "t", "1", "schedule", "changed before|changes back"),
    _rule("nothing came before", "t", "1", "gradients before", f"all|{_PAUSES}"),
    _rule("nothing came before", "t", "1", "amsgrad", "v has fallen"),
    _rule("nothing came before", "t", "1", "life", f"loaded|beside another|{_RESTORED}"),
    _rule(
        "it takes three calls", "t", "2", "gradients before", "a pause|a long pause|a pause earlier"
    ),
    _rule("it takes three calls", "t", "2", "schedule", "changes back"),
    _rule("the first call is the first", "gradients before", "first call", "t", "2|3 to 9|64|256"),
    _rule(
        "nothing came before",
        "gradients before",
        "first call",
        "schedule",
        "changed before|changes back",
    ),
    _rule(
        "it takes three calls",
        "gradients before",
        "first call",
        "life",
        f"beside another|{_RESTORED}",
    ),
    _rule("nothing counts so far", "life", "plain|beside another", "t", _LATE),
    _rule("it has no middle and no last", "parameters", "one", "position", "middle|last"),
    _rule(
        "no dimension, one element",
        "dimensions",
        "0",
        "size",
        "no block|next to a block|blocks of 4|blocks of 8|blocks of 64|blocks of 1024|beyond 2^16",
    ),
    _rule("it has no rows", "dimensions", "0", "gradient", _SPARSE),
    _rule("only dense gradients have it", "magnitude", "", "gradient", f"missing|{_SPARSE}"),
    *(
        _rule("nothing is clipped", limit, "clips", "gradient", "missing|no rows")
        for limit in _LIMITS[:2]
    ),
    _rule("nothing is clipped", "global_clipnorm", "clips", "gradient", "missing"),
    *(
        _rule("any limit clips it", limit, "does not clip", "magnitude", "huge")
        for limit in _LIMITS
    ),
    # Keras alone has both, and refuses them together.
    _rule("one norm at a time", *_TWO_NORMS),
    # No right answer tells anything.
    _rule("zero by zero", "epsilon", "zero", "magnitude", "zero|tiny"),
    _rule("zero by zero", "epsilon", "zero", "gradient", _SPARSE),
    # The norm of a large array needs all of its numbers, and a file holds few of them.
    *(
        _rule("too many numbers", norm, "clips|does not clip", "size", "beyond 2^16")
        for norm in _NORMS
    ),
    _rule("too many numbers", "gradient", _SPARSE, "size", "beyond 2^16"),
    # Half precision: later calls, and numbers that it has not, are less exact than a mistake.
    _rule("too few digits", "dtype", "float16", "beta1", "tiny|decimal|long decimal|near one"),
    _rule("too few digits", "dtype", "float16", "beta2", "tiny|decimal|long decimal|near one"),
    _rule("too few digits", "dtype", "float16", "betas", "beta1 is larger"),
    _rule("too few digits", "dtype", "float16", "epsilon", "zero|tiny"),
    _rule("too few digits", "dtype", "float16", "learning_rate", "tiny"),
    _rule("too few digits", "dtype", "float16", "magnitude", "tiny|huge"),
    _rule("too few digits", "dtype", "float16", "life", f"loaded|beside another|{_RESTORED}"),
    _rule(
        "too few digits",
        "dtype",
        "float16",
        "schedule",
        "changed before|changes back",
    ),
    _rule("too few digits", "dtype", "float16", "amsgrad", "v has fallen"),
    _rule("too few digits", "dtype", "float16", "gradients before", f"all|{_PAUSES}"),
    _rule(
        "too few digits", "dtype", "float16", "t", "2|3 to 9|10 to 99|64|100 to 999|256|" + _LATE
    ),
)
