"""What inputs are searched for: whatever tells two points of the axes apart, or a wrong Adam from a right one."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from ..defects import DEFECTS
from ..defects.defect import Defect
from ..on_demand.judging import failure_margin, judge_vector, separation, vector_at
from ..subject.subject import from_make
from ..truth import reference
from ..truth.point import NATIVE, Point, Values, exists
from ..truth.problem import Problem
from ..vectors.switches import LIMITS


class Target(NamedTuple):
    """What a search is for.

    Fields:
        name: of the vector that is found, and of the flag that it carries.
        finds: what it tells. who: whose it is. links: where to read of it.
        axes: axis -> the values that the vector has answers for.
        switches, needed, supports: see `strategies.inputs`.
        gap: how far an input tells it, in bounds.
    """

    name: str
    finds: str
    who: str
    links: tuple[str, ...]
    axes: dict[str, list[str]]
    switches: frozenset[str]
    needed: frozenset[str]
    supports: frozenset[str]
    gap: Callable[[Problem], float]


class Difference(NamedTuple):
    """Values of some axes that are told apart, from a point that has them; what must be on for it to be seen."""

    axis: str
    values: Sequence[str]
    base: Values = {}  # noqa: RUF012  (never changed)
    needed: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


_DECOUPLED = {"weight_decay": "decoupled"}
_CLIPS = {"clip": "cumulative"}
DIFFERENCES = (
    Difference("epsilon", ("hat", "outside", "inside")),
    Difference("bias_correction", ("both", "none", "first", "second")),
    Difference("epsilon_zero", ("as_given", "default")),
    Difference("amsgrad", ("max_raw", "max_corrected"), needed=("amsgrad",)),
    Difference("amsgrad_bias_correction", ("both", "none", "first", "second"), needed=("amsgrad",)),
    Difference("weight_decay", ("l2", "decoupled"), needed=("weight_decay",)),
    Difference("decay_when", ("before", "after"), _DECOUPLED, ("weight_decay",)),
    Difference("decay_scale", ("lr", "one", "lr_t"), _DECOUPLED, ("weight_decay",)),
    Difference("step_scope", ("optimizer", "parameter"), supports=("none",)),
    Difference(
        "none_gradient",
        ("skip", "skip_but_count", "error"),
        {"step_scope": "parameter"},
        supports=("none",),
    ),
    Difference("all_none", ("error", "no_op", "count"), supports=("none",)),
    Difference("clip", ("cumulative", "first"), _CLIPS, beside=LIMITS),
    Difference(
        "clip_order",
        ("value_norm_global", "norm_value_global", "norm_global_value"),
        _CLIPS,
        beside=LIMITS,
    ),
    Difference(
        "clip_order",
        ("value_norm_global", "norm_value_global", "norm_global_value"),
        {"clip": "first"},
        beside=LIMITS,
    ),
    Difference("clip_law", ("exact", "plus_1e-6"), _CLIPS, ("clipnorm",)),
    Difference(
        "clip_duplicates", ("before_sum", "after_sum"), _CLIPS, beside=LIMITS, supports=("sparse",)
    ),
    Difference("sparse", ("dense_equivalent", "lazy_global_t"), supports=("sparse",)),
    Difference(
        "sparse",
        ("dense_equivalent", "lazy_row_t", "lazy_tensor_t"),
        {"step_scope": "parameter"},
        supports=("sparse",),
    ),
    Difference("duplicates", ("sum_then_square", "sum_of_squares"), supports=("sparse",)),
    Difference("empty_sparse", ("counts", "ignored"), supports=("sparse",)),
)


def targets() -> Iterator[Target]:
    """All of them: pairs of values on an axis, then wrong Adams."""
    for one in DIFFERENCES:
        yield from (_pair(one, *pair) for pair in combinations(one.values, 2))
    # What outlives a run is seen in no run alone.
    yield from (_mutant(defect) for defect in DEFECTS if defect.entry != "A25")


def _pair(one: Difference, value: str, other: str) -> Target:
    here, there = one.base | {one.axis: value}, one.base | {one.axis: other}
    at_first = one.base.get("clip") == "first"
    where = ", where one clip counts" * at_first
    name = f"{one.axis}-{value}-or-{other}{'-at-first' * at_first}".replace("_", "-").replace(
        "plus-1e-6", "slack"
    )
    return Target(
        name=name,
        finds=f"{one.axis} {value} in the place of {other}, or the other way round{where}.",
        who=f"{value}: {_whose(one.axis, value)}; {other}: {_whose(one.axis, other)}",
        links=(),
        axes={**{axis: [v] for axis, v in one.base.items()}, one.axis: _values(one)},
        switches=frozenset(one.beside),
        needed=frozenset(one.needed),
        supports=frozenset(one.supports),
        gap=lambda problem: separation(problem, Point.of(here), Point.of(there)),
    )


def _values(one: Difference) -> list[str]:
    return [
        v
        for v in reference.AXES[one.axis]
        if v != "unsupported" and exists(one.base | {one.axis: v})
    ]


def _whose(axis: str, value: str) -> str:
    """The named conventions that have a value, those of the paper aside."""
    names = [
        name
        for name, one in reference.CONVENTIONS.items()
        if getattr(one.convention, axis) == value
    ]
    return ", ".join(names) or "no named convention"


def _mutant(defect: Defect) -> Target:
    subject = from_make(defect.make)
    convention = reference.CONVENTIONS[defect.make.convention].convention
    point = Point(convention, reference.Arithmetic.parse(NATIVE))

    def far(problem: Problem) -> float:
        return failure_margin(judge_vector(subject, vector_at(problem, point)))

    return Target(
        name=defect.name,
        finds=f"{defect.what[0].upper()}{defect.what[1:]}.",
        who=", ".join(dict.fromkeys(link.partition("#")[0] for link in defect.links))
        or "nobody that we know of",
        links=defect.links,
        axes={},
        switches=defect.make.switches,
        needed=frozenset(),
        supports=frozenset(defect.make.supports - {"float16"} | {"schedule"}),
        gap=far,
    )
