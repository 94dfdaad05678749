"""Topics: what a vector is about, besides plain steps, and which runs are asked about it."""

from collections.abc import Sequence
from enum import StrEnum

from ..trial.run import Run
from ..vectors.slices import IndexedSlices
from ..vectors.storage import HALVES
from ..vectors.switches import LIMITS
from ..vectors.vector import Vector, loads_several_t, size

# In elements times steps: vectors up to this size are solved at many points.
LARGEST = 300
# Of each topic, this many vectors are asked besides the vectors that a search found.
_MOST_WRITTEN = 8


class Topic(StrEnum):
    """The one feature that a vector needs."""

    PLAIN = "plain"
    EPSILON_ZERO = "epsilon-zero"
    EPSILON_ROOT = "epsilon_root"
    AMSGRAD = "amsgrad"
    WEIGHT_DECAY = "weight_decay"
    MAXIMIZE = "maximize"
    NONE = "none"
    # One limit, and several at once.
    CLIP = "clip"
    CLIPS = "clips"
    # Sparse gradients, with rows that occur twice, and with limits.
    SPARSE = "sparse"
    DUPLICATES = "duplicates"
    SPARSE_CLIP = "sparse-clip"
    COMPLEX = "complex"


def runs_by_topic(runs: Sequence[Run], decimal: bool = False) -> dict[Topic, list[Run]]:
    """Return the runs that are asked about each topic, in the order in which they are asked.

    ``decimal``: vectors with decimal hyperparameters are asked, too.
    """
    # Vectors that a search found come first: they tell most by the fewest numbers.
    by_size = sorted(runs, key=lambda run: (run.vector.topic != "found", size(run.vector)))
    chosen: dict[Topic, list[Run]] = {}
    for run in by_size:
        topic = topic_of(run.vector, decimal)
        if topic is None or size(run.vector) > LARGEST:
            continue
        asked = chosen.setdefault(topic, [])
        written = sum(other.vector.topic != "found" for other in asked)
        if run.vector.topic == "found" or written < _MOST_WRITTEN:
            asked.append(run)
    return chosen


def topic_of(vector: Vector, decimal: bool = False) -> Topic | None:
    """Return what a vector is about; None if it is about several topics, or does not tell."""
    # Decimal hyperparameters need the arithmetic, which is found last, if it can be. float16 tells
    # too little.
    tells = (vector.dyadic or decimal) and vector.dtype not in HALVES and vector.level != "full"
    if not tells or vector.relation or loads_several_t(vector):
        return None
    extra = vector.features - {vector.dtype, "load", "schedule"}
    limits = extra & set(LIMITS)
    if not extra:
        return Topic.EPSILON_ZERO if vector.numbers["epsilon"] == 0 else Topic.PLAIN
    if extra == limits:
        return Topic.CLIP if len(limits) == 1 else Topic.CLIPS
    if "sparse" in extra and extra <= {"sparse", "none"} | limits:
        return _sparse_topic(vector, bool(limits))
    if len(extra) > 1:
        return None
    feature = next(iter(extra))
    return Topic(feature) if feature in set(Topic) else None


def _sparse_topic(vector: Vector, clips: bool) -> Topic:
    if clips:
        return Topic.SPARSE_CLIP
    grads = [grad for call in vector.calls for grad in call.grads]
    sparse = [grad for grad in grads if isinstance(grad, IndexedSlices)]
    repeats = any(len(set(grad.indices.tolist())) < len(grad.indices) for grad in sparse)
    return Topic.DUPLICATES if repeats else Topic.SPARSE
