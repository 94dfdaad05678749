"""What is asked to find the point of an Adam on the axes: a few axes at a time, of the vectors that are about them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from ..truth import reference
from ..truth.point import Values, exists
from ..vectors.slices import IndexedSlices
from ..vectors.switches import LIMITS
from ..vectors.vector import Vector

Axes = Mapping[str, str]


class Question(NamedTuple):
    """Some axes, the values on them that are tried, and which vectors are about them.

    Fields:
        axes: which are decided.
        options: values of these axes, as far as they differ.
        about: what a vector is about, see `about`; the axes before are known by then.
        lack: the axis that is `unsupported` where no such vector is supported; empty if there is none.
        refines: it may find another value of an axis that is known.
    """

    axes: tuple[str, ...]
    options: tuple[Values, ...]
    about: str
    lack: str = ""
    refines: bool = False

    def points(self) -> list[Values]:
        """The options that exist."""
        return [option for option in self.options if exists(option)]


def _all(**axes: Sequence[str]) -> tuple[Values, ...]:
    return tuple(dict(zip(axes, values, strict=True)) for values in product(*axes.values()))


_WHICH = ("both", "none", "first", "second")
_ORDERS = reference.AXES["clip_order"]
# Whose t it is matters to nobody who raises.
_MISSING = (
    *_all(
        step_scope=("optimizer", "parameter"),
        none_gradient=("skip",),
        all_none=reference.AXES["all_none"],
    ),
    {"none_gradient": "error", "all_none": "error"},
)
# Axes that are about what another axis says.
OF = {
    "amsgrad_bias_correction": "amsgrad",
    "decay_when": "weight_decay",
    "decay_scale": "weight_decay",
    **dict.fromkeys(("clip_order", "clip_law", "clip_when", "clip_duplicates"), "clip"),
    **dict.fromkeys(("duplicates", "empty_sparse"), "sparse"),
}
QUESTIONS = (
    Question(
        ("epsilon", "bias_correction"),
        _all(epsilon=("hat", "outside", "inside"), bias_correction=_WHICH),
        "plain",
    ),
    Question(("epsilon",), ({"epsilon": "both"},), "epsilon_root", refines=True),
    Question(("epsilon_zero",), _all(epsilon_zero=reference.AXES["epsilon_zero"]), "epsilon-zero"),
    Question(
        ("amsgrad", "amsgrad_bias_correction"),
        _all(amsgrad=("max_raw", "max_corrected"), amsgrad_bias_correction=_WHICH),
        "amsgrad",
        "amsgrad",
    ),
    Question(
        ("weight_decay", "decay_when", "decay_scale"),
        (
            {"weight_decay": "l2"},
            *_all(
                weight_decay=("decoupled",),
                decay_when=("before", "after"),
                decay_scale=reference.AXES["decay_scale"],
            ),
        ),
        "weight_decay",
        "weight_decay",
    ),
    Question(("maximize",), _all(maximize=("before_l2",)), "maximize", "maximize"),
    Question(("step_scope", "none_gradient", "all_none"), _MISSING, "none"),
    Question(("clip_law",), _all(clip_law=reference.AXES["clip_law"]), "clip", "clip"),
    Question(
        ("clip", "clip_order"),
        (*_all(clip=("cumulative", "first"), clip_order=_ORDERS), {"clip": "exclusive"}),
        "clips",
        refines=True,
    ),
    Question(
        ("sparse", "step_scope", "empty_sparse"),
        tuple(
            {"sparse": sparse, "step_scope": scope, "empty_sparse": empty}
            for sparse, scope in (
                ("dense_equivalent", "optimizer"),
                ("dense_equivalent", "parameter"),
                ("lazy_global_t", "optimizer"),
                ("lazy_tensor_t", "parameter"),
                ("lazy_row_t", "parameter"),
            )
            for empty in reference.AXES["empty_sparse"]
        ),
        "sparse",
        "sparse",
    ),
    Question(("duplicates",), _all(duplicates=reference.AXES["duplicates"]), "duplicates"),
    Question(
        ("clip_duplicates",), _all(clip_duplicates=reference.AXES["clip_duplicates"]), "sparse-clip"
    ),
)


def about(vector: Vector) -> str:
    """What a vector is about, in the words of `Question.about`; empty if it is none of them."""
    extra = vector.features - {vector.dtype, "load", "schedule"}
    limits = extra & set(LIMITS)
    apart = (
        vector.spec.inputs.load is not None and len(set(vector.spec.inputs.load[1])) > 1
    )  # whose t it is, is known there
    if (
        apart
        or not vector.dyadic
        or vector.relation
        or vector.dtype == "float16"
        or vector.level == "full"
    ):
        return ""
    if not extra:
        return "epsilon-zero" if vector.numbers["epsilon"] == 0 else "plain"
    if extra == limits:
        return "clip" if len(limits) == 1 else "clips"
    if "sparse" in extra and extra <= {"sparse", "none"} | limits:
        return "sparse-clip" if limits else "duplicates" if _repeats(vector) else "sparse"
    return next(iter(extra)) if len(extra) == 1 else ""


def _repeats(vector: Vector) -> bool:
    grads = (grad for call in vector.spec.inputs.calls for grad in call.grads)
    return any(
        isinstance(g, IndexedSlices) and len(set(g.indices.tolist())) < len(g.indices)
        for g in grads
    )


def same(axis: str, values: Sequence[str], point: Axes) -> str:
    """Why no input can tell ``values`` of an axis apart at a point; empty if one could."""
    return next((why for found, why in _equal(axis, set(values), point) if found), "")


def _equal(axis: str, values: set[str], point: Axes) -> Iterator[tuple[bool, str]]:
    plain = point.get("bias_correction") in ("none", "first")
    yield (
        axis == "epsilon" and plain and values <= {"hat", "outside"},
        "without a correction of v, hat and outside are the same",
    )
    maximum = point.get("amsgrad_bias_correction") in ("none", "first")
    yield (
        axis == "amsgrad" and maximum,
        "without a correction of v, max_raw and max_corrected are the same",
    )
