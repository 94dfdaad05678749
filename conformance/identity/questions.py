"""Questions: which values of a few axes explain what a subject returned; one after another.

For example, the first question is about `epsilon` and `bias_correction` at once. It tries all 12
pairs of their values on the plain vectors. `topics` says which vectors are about what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ..truth import reference
from ..truth.point import Values, exists
from .topics import Topic


@dataclass(frozen=True, kw_only=True)
class Question:
    """Some axes, and the values on them that are tried.

    Attributes:
        about: the topic of the vectors that are asked.
        axes: the axes that it decides.
        options: the values of these axes that are tried together; an option leaves an axis out
            where it does not matter.
        lack: the axis that is `unsupported` if the subject supports no such vector; or empty.
        error_is_lack: a subject that raises an exception in every such vector does not support it.
        refines: the question may change the value of an axis that is known.
        instead: the topic of the question that this one is joined to if the subject supports no
            vector about its own topic.
    """

    about: Topic
    axes: tuple[str, ...]
    options: tuple[Values, ...]
    lack: str = ""
    error_is_lack: bool = False
    refines: bool = False
    instead: Topic | None = None

    def possible_options(self) -> list[Values]:
        """Return the options whose values do not exclude each other."""
        return [option for option in self.options if exists(option)]


def _all(**values: Sequence[str]) -> tuple[Values, ...]:
    """Return every combination of the values of some axes."""
    return tuple(
        dict(zip(values, combination, strict=True)) for combination in product(*values.values())
    )


def _each(axis: str) -> tuple[Values, ...]:
    """Return every value of one axis."""
    return _all(**{axis: reference.AXES[axis]})


_CORRECTED = ("both", "none", "first", "second")
# The values that leave the second moment uncorrected.
_WITHOUT_SECOND = ("none", "first")

# Axis -> the axis that it refines: it has no meaning if that one is unsupported.
PARENTS = {
    "amsgrad_bias_correction": "amsgrad",
    "decay_when": "weight_decay",
    "decay_scale": "weight_decay",
    "clip_order": "clip",
    "clip_law": "clip",
    "clip_when": "clip",
    "clip_duplicates": "clip",
    "duplicates": "sparse",
    "empty_sparse": "sparse",
}

# The order matters: an answer is taken for granted in all questions after it.
QUESTIONS = (
    Question(
        about=Topic.PLAIN,
        axes=("epsilon", "bias_correction"),
        options=_all(epsilon=("hat", "outside", "inside"), bias_correction=_CORRECTED),
        # An Adam for embeddings may take sparse gradients alone.
        instead=Topic.SPARSE,
    ),
    Question(
        about=Topic.EPSILON_ROOT,
        axes=("epsilon",),
        options=({"epsilon": "both"},),
        error_is_lack=True,
        # Without epsilon_root `both` is the same as `outside`, which the first question has found.
        refines=True,
    ),
    Question(about=Topic.EPSILON_ZERO, axes=("epsilon_zero",), options=_each("epsilon_zero")),
    Question(
        about=Topic.AMSGRAD,
        axes=("amsgrad", "amsgrad_bias_correction"),
        options=_all(amsgrad=("max_raw", "max_corrected"), amsgrad_bias_correction=_CORRECTED),
        lack="amsgrad",
        error_is_lack=True,
    ),
    Question(
        about=Topic.WEIGHT_DECAY,
        axes=("weight_decay", "decay_when", "decay_scale"),
        options=(
            # Where and how it is scaled matters only if it is decoupled.
            {"weight_decay": "l2"},
            *_all(
                weight_decay=("decoupled",),
                decay_when=("before", "after"),
                decay_scale=reference.AXES["decay_scale"],
            ),
        ),
        lack="weight_decay",
        error_is_lack=True,
    ),
    Question(
        about=Topic.MAXIMIZE,
        axes=("maximize",),
        options=_all(maximize=("before_l2",)),
        lack="maximize",
        error_is_lack=True,
    ),
    Question(
        about=Topic.NONE,
        axes=("step_scope", "none_gradient", "all_none"),
        options=(
            *_all(
                step_scope=("optimizer", "parameter"),
                none_gradient=("skip",),
                all_none=reference.AXES["all_none"],
            ),
            # If a missing gradient raises, step_scope cannot be observed.
            {"none_gradient": "error", "all_none": "error"},
        ),
    ),
    Question(
        about=Topic.CLIP,
        axes=("clip_law",),
        options=_each("clip_law"),
        lack="clip",
        error_is_lack=True,
    ),
    Question(
        about=Topic.CLIPS,
        axes=("clip", "clip_order"),
        options=(
            *_all(clip=("cumulative", "first"), clip_order=reference.AXES["clip_order"]),
            {"clip": "exclusive"},
        ),
        refines=True,
    ),
    Question(
        about=Topic.SPARSE,
        axes=("sparse", "step_scope", "empty_sparse"),
        options=tuple(
            rows | empty
            # Lazy ones exclude one of the scopes each.
            for rows in (
                {"sparse": "dense_equivalent", "step_scope": "optimizer"},
                {"sparse": "dense_equivalent", "step_scope": "parameter"},
                {"sparse": "lazy_global_t", "step_scope": "optimizer"},
                {"sparse": "lazy_tensor_t", "step_scope": "parameter"},
                {"sparse": "lazy_row_t", "step_scope": "parameter"},
            )
            for empty in _each("empty_sparse")
        ),
        lack="sparse",
    ),
    Question(about=Topic.DUPLICATES, axes=("duplicates",), options=_each("duplicates")),
    Question(about=Topic.SPARSE_CLIP, axes=("clip_duplicates",), options=_each("clip_duplicates")),
    Question(
        about=Topic.COMPLEX,
        axes=("complex",),
        options=_all(complex=("components", "modulus")),
        lack="complex",
        error_is_lack=True,
    ),
)


def why_same(
    axis: str,
    values: Sequence[str],
    point: Mapping[str, str],
) -> str:
    """Return why no input can tell ``values`` of an axis apart at a point; empty if one can."""
    v_is_corrected = point.get("bias_correction") not in _WITHOUT_SECOND
    if axis == "epsilon" and set(values) <= {"hat", "outside"} and not v_is_corrected:
        return "without a correction of v, hat and outside are the same"
    maximum_is_corrected = point.get("amsgrad_bias_correction") not in _WITHOUT_SECOND
    if axis == "amsgrad" and not maximum_is_corrected:
        return "without a correction of v, max_raw and max_corrected are the same"
    return ""
