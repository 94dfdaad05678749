"""Targets of the search: axis values to tell apart, wrong Adams to tell from right ones.

For example, the target `epsilon-hat-or-outside` is reached by an input whose exact results under
`hat` and `outside` are at least a thousand bounds apart.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple

from ..defects import DEFECTS
from ..defects.defect import Defect
from ..on_demand.judging import failure_margin, judge_vector, separation, vector_at
from ..subject.subject import from_make
from ..truth import reference
from ..truth.point import NATIVE, UNSUPPORTED, Point, Values, exists
from ..truth.problem import Problem
from ..vectors.switches import LIMITS


class Target(NamedTuple):
    """One thing that an input can tell.

    Attributes:
        name: name of the vector that is found, and of the flag that it carries.
        finds: the mistake or the pair of values, in a sentence.
        who: the conventions or projects that have it.
        links: where to read about it.
        axes: axis -> the values for which the vector has answers.
        switches, needed, supports: arguments of `strategies.inputs`.
        margin: how far an input tells it, in bounds.
    """

    name: str
    finds: str
    who: str
    links: tuple[str, ...]
    axes: dict[str, list[str]]
    switches: frozenset[str]
    needed: frozenset[str]
    supports: frozenset[str]
    margin: Callable[[Problem], float]


class AxisPair(NamedTuple):
    """Values of one axis, every two of which are a target.

    Attributes:
        axis, values: the axis and the values.
        base: values that other axes must have, so that this axis matters.
        needed: switches that must be on.
        supports: kinds of gradients that may occur.
        optional: switches that may be on as well.
    """

    axis: str
    values: tuple[str, ...]
    base: Values = {}  # noqa: RUF012  (never changed)
    needed: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_CORRECTIONS = ("both", "none", "first", "second")
_DECOUPLED = {"weight_decay": "decoupled"}
_CUMULATIVE = {"clip": "cumulative"}
_FIRST_CLIP = {"clip": "first"}
_OWN_COUNT = {"step_scope": "parameter"}
_CLIP_ORDERS = ("value_norm_global", "norm_value_global", "norm_global_value")

AXIS_PAIRS = (
    AxisPair("epsilon", ("hat", "outside", "inside")),
    AxisPair("bias_correction", _CORRECTIONS),
    AxisPair("epsilon_zero", ("as_given", "default")),
    AxisPair("amsgrad", ("max_raw", "max_corrected"), needed=("amsgrad",)),
    AxisPair("amsgrad_bias_correction", _CORRECTIONS, needed=("amsgrad",)),
    AxisPair("weight_decay", ("l2", "decoupled"), needed=("weight_decay",)),
    AxisPair("decay_when", ("before", "after"), base=_DECOUPLED, needed=("weight_decay",)),
    AxisPair("decay_scale", ("lr", "one", "lr_t"), base=_DECOUPLED, needed=("weight_decay",)),
    AxisPair("step_scope", ("optimizer", "parameter"), supports=("none",)),
    AxisPair(
        "none_gradient",
        ("skip", "skip_but_count", "error"),
        base=_OWN_COUNT,
        supports=("none",),
    ),
    AxisPair("all_none", ("error", "no_op", "count"), supports=("none",)),
    AxisPair("clip", ("cumulative", "first"), base=_CUMULATIVE, optional=LIMITS),
    # The order matters in two ways: which clip sees which numbers, and which clip is found first.
    AxisPair("clip_order", _CLIP_ORDERS, base=_CUMULATIVE, optional=LIMITS),
    AxisPair("clip_order", _CLIP_ORDERS, base=_FIRST_CLIP, optional=LIMITS),
    AxisPair("clip_law", ("exact", "plus_1e-6"), base=_CUMULATIVE, needed=("clipnorm",)),
    AxisPair(
        "clip_duplicates",
        ("before_sum", "after_sum"),
        base=_CUMULATIVE,
        optional=LIMITS,
        supports=("sparse",),
    ),
    # A lazy gradient goes by the t of the optimizer or of the parameter, never by both.
    AxisPair("sparse", ("dense_equivalent", "lazy_global_t"), supports=("sparse",)),
    AxisPair(
        "sparse",
        ("dense_equivalent", "lazy_row_t", "lazy_tensor_t"),
        base=_OWN_COUNT,
        supports=("sparse",),
    ),
    AxisPair("duplicates", ("sum_then_square", "sum_of_squares"), supports=("sparse",)),
    AxisPair("empty_sparse", ("counts", "ignored"), supports=("sparse",)),
)


def targets() -> Iterator[Target]:
    """Yield all targets: pairs of values on an axis, then wrong Adams."""
    for pair in AXIS_PAIRS:
        for first, second in combinations(pair.values, 2):
            yield _target_of_values(pair, first, second)
    for defect in DEFECTS:
        # A mistake that outlives a run shows in no single run, and one of half precision in no
        # input of the search.
        if not defect.outlives_a_run and not defect.storage:
            yield _target_of_defect(defect)


def _target_of_values(pair: AxisPair, first: str, second: str) -> Target:
    points = [Point.of({**pair.base, pair.axis: value}) for value in (first, second)]
    name = f"{pair.axis}-{first}-or-{second}"
    finds = f"{pair.axis} {first} in the place of {second}, or the other way round"
    if pair.base == _FIRST_CLIP:
        name += "-at-first"
        finds += ", where one clip counts"
    axes = {axis: [value] for axis, value in pair.base.items()}
    axes[pair.axis] = _possible_values(pair)
    return Target(
        name=name.replace("_", "-").replace("plus-1e-6", "slack"),
        finds=f"{finds}.",
        who="; ".join(f"{value}: {_named_with(pair.axis, value)}" for value in (first, second)),
        links=(),
        axes=axes,
        switches=frozenset(pair.optional),
        needed=frozenset(pair.needed),
        supports=frozenset(pair.supports),
        margin=lambda problem: separation(problem, *points),
    )


def _possible_values(pair: AxisPair) -> list[str]:
    """Return all values of the axis that its base does not exclude."""
    return [
        value
        for value in reference.AXES[pair.axis]
        if value != UNSUPPORTED and exists({**pair.base, pair.axis: value})
    ]


def _named_with(axis: str, value: str) -> str:
    """Return the named conventions that have a value."""
    names = [
        name
        for name, named in reference.CONVENTIONS.items()
        if getattr(named.convention, axis) == value
    ]
    return ", ".join(names) or "no named convention"


def _target_of_defect(defect: Defect) -> Target:
    subject = from_make(defect.make)
    convention = reference.CONVENTIONS[defect.make.convention].convention
    point = Point(convention, reference.Arithmetic.parse(NATIVE))

    def margin(problem: Problem) -> float:
        return failure_margin(judge_vector(subject, vector_at(problem, point)))

    # Several links may lead to one project.
    projects = dict.fromkeys(link.partition("#")[0] for link in defect.links)
    return Target(
        name=defect.name,
        finds=f"{defect.what[0].upper()}{defect.what[1:]}.",
        who=", ".join(projects) or "nobody that we know of",
        links=tuple(defect.links),
        axes={},
        switches=defect.make.switches,
        needed=frozenset(),
        supports=frozenset(defect.make.supports - {"float16"} | {"schedule"}),
        margin=margin,
    )
