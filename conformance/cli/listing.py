"""Tables of `adamref list`."""

from collections.abc import Callable, Iterator

from ..defects import DEFECTS
from ..subject.loading import version_of
from ..subject.shipped import SHIPPED
from ..vectors.files import load

# The axes in which the named conventions differ; conventions.json has all axes.
_SHOWN = ("epsilon", "step_scope", "none_gradient", "all_none", "amsgrad", "weight_decay", "sparse")
Rows = Iterator[tuple[str, ...]]
Listing = tuple[tuple[str, ...], Rows]


# Each listing returns its columns at once and its rows one by one: reading some of them takes time.


def subjects() -> Listing:
    return ("subject", "convention", "installed", "what it is"), _subject_rows()


def _subject_rows() -> Rows:
    for name, shipped in SHIPPED.items():
        # The version tells installed libraries from missing ones.
        version = version_of(shipped.distribution) or f"no {shipped.distribution}"
        yield name, shipped.convention, version, shipped.what


def conventions() -> Listing:
    return ("convention", *_SHOWN, "arithmetics", "source"), _convention_rows()


def _convention_rows() -> Rows:
    for name, named in load().conventions.items():
        values = [named.axes[axis] for axis in _SHOWN]
        yield name, *values, ", ".join(named.arithmetics), named.source


def all_vectors() -> Listing:
    return ("vector", "kind", "tier", "level", "why"), _vector_rows()


def _vector_rows() -> Rows:
    for vector in load().vectors:
        yield vector.id, vector.spec.kind, vector.spec.tier, vector.level, vector.why


def defects() -> Listing:
    return ("defect", "entry", "what is wrong", "who had it"), _defect_rows()


def _defect_rows() -> Rows:
    for defect in DEFECTS:
        yield defect.name, defect.entry, defect.what, ", ".join(defect.links)


TABLES: dict[str, Callable[[], Listing]] = {
    "subjects": subjects,
    "conventions": conventions,
    "vectors": all_vectors,
    "defects": defects,
}
