"""Entries of axes, of their values, of named conventions and of arithmetics."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from ...diagnosis.axis_words import words_of
from ...truth.reference import AXES, CONVENTIONS, Arithmetic, Convention
from ...vectors.suite import ListedConvention, Suite
from ...vectors.vector import Vector
from .entry import Meaning, WordEntry, sentence
from .formulas import formula_of

# An axis in the docstring of Convention, four columns in, and the lines that go on.
_AXIS = re.compile(r"^    (\w+): (.*)$")
_MORE = re.compile(r"^        (\S.*)$")
_UNSUPPORTED = "unsupported"
# Axis -> another axis, and its values without which the first means nothing.
_CLIPS = ("clip", ("cumulative", "first", "exclusive"))
_ROWS = ("sparse", ("dense_equivalent", "lazy_global_t", "lazy_row_t", "lazy_tensor_t"))
_MEANS_WITH: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "amsgrad_bias_correction": ("amsgrad", ("max_raw", "max_corrected")),
    "decay_when": ("weight_decay", ("decoupled",)),
    "decay_scale": ("weight_decay", ("decoupled",)),
    **dict.fromkeys(("clip_order", "clip_law", "clip_when", "clip_duplicates"), _CLIPS),
    **dict.fromkeys(("duplicates", "empty_sparse"), _ROWS),
}
_LETTERS = {
    "d": "binary64 (float64)",
    "s": "binary32 (float32)",
    "T": "the format of the parameters",
}
# What the letters of an arithmetic stand for, in their order.
_NUMBERS = (
    "the learning rate and weight decay",
    "epsilon",
    "beta in E1 and E2",
    "beta in beta^t",
    "1 - beta^t",
)


def axes(
    suite: Suite, formulas: Mapping[str, str], words: Mapping[str, str]
) -> Iterator[WordEntry]:
    """Yield the entries of all axes, and of their values.

    Args:
        suite: whose conventions have the values.
        formulas: axis and value -> a formula, where the statements of a step have none.
        words: axis and value -> what an Adam does, where no other words are known.
    """
    for axis, values in AXES.items():
        yield WordEntry(word=axis, kind="an axis", write=partial(_axis, suite, axis))
        for value in values:
            key = f"{axis} {value}"
            yield WordEntry(
                word=value,
                kind=f"a value of the axis {axis}",
                write=partial(
                    _value,
                    suite,
                    axis,
                    value,
                    formulas.get(key, ""),
                    words.get(key, ""),
                ),
                aliases=(f"{axis}={value}", key),
            )


def _axis(suite: Suite, axis: str) -> Meaning:
    values = AXES[axis]
    return Meaning(
        says=f"{sentence(_texts_of_axes()[axis])} Its values are {', '.join(values)}.",
        who="; ".join(_lists(_users_by_value(suite, axis))),
        vector=_vector_of_axis(suite, axis),
        see=tuple(f"{axis}={value}" for value in values),
    )


def _value(
    suite: Suite,
    axis: str,
    value: str,
    formula: str,
    other_words: str,
) -> Meaning:
    says = f"An Adam with this value {words_of(axis, value) or other_words}."
    if value == _UNSUPPORTED:
        says = f"An Adam with this value has nothing that {axis} is about."
    others = [one for one in AXES[axis] if one != value]
    are = "The other value is" if len(others) == 1 else "The other values are"
    users = _users_by_value(suite, axis).get(value, [])
    return Meaning(
        says=f"{says} {are} {', '.join(others)}.",
        formula=formula or formula_of(axis, value),
        who=", ".join(users) or "no named convention",
        vector="" if value == _UNSUPPORTED else _vector_of_axis(suite, axis, value),
        see=(axis,),
    )


def _users_by_value(suite: Suite, axis: str) -> dict[str, list[str]]:
    """Return value -> the conventions that have it, of those to which the axis means something."""
    users: dict[str, list[str]] = {}
    for name, listed in suite.conventions.items():
        other, values = _MEANS_WITH.get(axis, ("", ()))
        if not other or listed.axes[other] in values:
            users.setdefault(listed.axes[axis], []).append(name)
    return users


def _lists(users: Mapping[str, list[str]]) -> Iterator[str]:
    for value, names in users.items():
        yield f"{value}: {', '.join(names)}"


def _vector_of_axis(
    suite: Suite,
    axis: str,
    value: str | None = None,
) -> str:
    """Return a vector whose answers tell values of an axis apart, and little else."""
    telling = []
    for vector in suite.vectors:
        values = vector.spec.axes.get(axis, ())
        if len(values) > 1 and value in (None, *values):
            telling.append(vector)
    # Some axes are told apart only by the way, as whether epsilon 0 is replaced.
    telling = telling or [vector for vector in suite.vectors if _mentions(vector, axis)]
    nearest = min(telling, key=lambda vector: _distance(vector, axis), default=None)
    return "" if nearest is None else nearest.id


def _distance(vector: Vector, axis: str) -> tuple[bool, int, int]:
    """Return how far a vector is from being about an axis: topic, name, and its other axes."""
    words = set(axis.split("_"))
    topic = words & set(vector.topic.split("-"))
    # As in none-gradient.f32.all, which is about all_none.
    whole = words & set(vector.id.replace(".", "-").split("-"))
    return (not topic, -len(whole), len(vector.spec.axes))


def _mentions(vector: Vector, axis: str) -> bool:
    return any(axis in answer.when for answer in vector.answers)


def named_conventions(suite: Suite) -> Iterator[WordEntry]:
    """Yield the entries of conventions with a name."""
    for name in suite.conventions:
        yield WordEntry(word=name, kind="a convention", write=partial(_convention, suite, name))


def _convention(suite: Suite, name: str) -> Meaning:
    listed = suite.conventions[name]
    askers = _askers(suite)
    spans = {vector.id: set(vector.spec.axes) for vector in suite.vectors}
    asked = [vector for vector, names in askers.items() if name in names]
    special = _special_axes(listed)
    # It tells the most axes on which this one is special, and asks few others.
    vector = ""
    best = (0, 0)
    for one in asked:
        told = (-len(special & spans[one]), len(askers[one]))
        if not vector or told < best:
            vector = one
            best = told
    return Meaning(
        says=_about_convention(listed),
        who=listed.source,
        vector=vector,
        see=("convention", *listed.arithmetics),
    )


def _special_axes(listed: ListedConvention) -> set[str]:
    """Return the axes on which a convention is not as the paper."""
    paper = CONVENTIONS["paper"].convention
    return {axis for axis, value in listed.axes.items() if value != getattr(paper, axis)}


def _askers(suite: Suite) -> dict[str, list[str]]:
    """Return vector -> the conventions that it has answers for; of each pair the float32."""
    askers = {}
    for vector in suite.vectors:
        if vector.dtype != "float32" or vector.topic in ("found", "together"):
            continue
        names = suite.conventions.items()
        askers[vector.id] = [name for name, listed in names if vector.asks(listed.axes)]
    return askers


def _about_convention(listed: ListedConvention) -> str:
    """Return where a convention differs from the paper, in words."""
    paper = CONVENTIONS["paper"].convention
    phrases = []
    for axis, value in listed.axes.items():
        words = words_of(axis, value)
        if value != getattr(paper, axis) and words:
            phrases.append(words)
    accepted = f"It accepts the arithmetic {' or '.join(listed.arithmetics)}."
    if not phrases:
        return f"It is Algorithm 1, with which all others are compared here. {accepted}"
    return f"Unlike paper, it {'; it '.join(phrases)}. {accepted}"


def arithmetic(suite: Suite, code: str) -> WordEntry:
    """Return the entry of an arithmetic.

    Raises:
        ValueError: the code is not five letters out of d, s, T.
    """
    Arithmetic.parse(code)
    return WordEntry(word=code, kind="an arithmetic", write=partial(_arithmetic, suite, code))


def _arithmetic(suite: Suite, code: str) -> Meaning:
    pairs = zip(_NUMBERS, code, strict=True)
    lines = [f"{letter}: {number} in {_LETTERS[letter]}" for number, letter in pairs]
    shown = (vector.id for vector in suite.vectors if vector.topic == "arithmetic")
    return Meaning(
        says="Its letters say to which formats five numbers are rounded, as they stand below. "
        "All that follows from them is computed in binary64, as are 1 - beta, beta^t and "
        "1/(1 - beta^t); each number that enters E1 to E5 is then rounded once to the format of "
        "the parameters. Elements are computed in this format, whatever the arithmetic.",
        formula="; ".join(lines),
        who=suite.arithmetics.get(code, "nobody that is known"),
        vector=next(shown, ""),
        see=("arithmetic",),
    )


def _texts_of_axes() -> dict[str, str]:
    """Return axis -> what the docstring of Convention says of it."""
    texts: dict[str, str] = {}
    axis = ""
    for line in _section(Convention.__doc__ or "", "Axes:"):
        if found := _AXIS.match(line):
            axis = found[1]
            texts[axis] = found[2]
        elif (more := _MORE.match(line)) and axis:
            texts[axis] += f" {more[1]}"
    return {axis: texts.get(axis, "An axis of conventions") for axis in AXES}


def _section(doc: str, title: str) -> Iterable[str]:
    """Yield the lines of a section of a docstring, four columns less indented."""
    inside = False
    for line in doc.splitlines():
        if inside and line.strip() and not line.startswith("        "):
            return
        if inside:
            yield line[4:]
        inside = inside or line.strip() == title
