"""What `adamref list` shows."""

from collections.abc import Callable, Iterator

from ..defects import DEFECTS
from ..subject.loading import version_of
from ..subject.shipped import SHIPPED
from ..vectors.files import load

# The axes in which the named conventions differ; conventions.json has them all.
_SHOWN = ("epsilon", "step_scope", "none_gradient", "all_none", "amsgrad", "weight_decay", "sparse")
Rows = tuple[tuple[str, ...], Iterator[tuple[str, ...]]]


def subjects() -> Rows:
    rows = (
        (
            name,
            shipped.convention,
            version_of(shipped.distribution) or f"no {shipped.distribution}",
            shipped.what,
        )
        for name, shipped in SHIPPED.items()
    )
    return ("subject", "convention", "installed", "what it is"), rows


def conventions() -> Rows:
    suite = load()
    rows = (
        (name, *(named.axes[axis] for axis in _SHOWN), ", ".join(named.arithmetics), named.source)
        for name, named in suite.conventions.items()
    )
    return ("convention", *_SHOWN, "arithmetics", "source"), rows


def all_vectors() -> Rows:
    rows = (
        (one.id, one.entry["kind"], one.entry["tier"], one.level, one.why) for one in load().vectors
    )
    return ("vector", "kind", "tier", "level", "why"), rows


def defects() -> Rows:
    rows = ((d.name, d.entry, d.what, ", ".join(d.links)) for d in DEFECTS)
    return ("defect", "entry", "what is wrong", "who had it"), rows


TABLES: dict[str, Callable[[], Rows]] = {
    "subjects": subjects,
    "conventions": conventions,
    "vectors": all_vectors,
    "defects": defects,
}
