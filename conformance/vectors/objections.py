"""Objections: why a vector cannot have the second run, or the loss scales, that it asks for."""

from collections.abc import Iterator
from math import frexp

import numpy as np

from .inputs import OTHER_DTYPE, Call, Inputs
from .relations import RELATIONS
from .slices import IndexedSlices, values_of
from .spec import Relation
from .switches import ACCUMULATION, COUNTS, FORMS, GRAD_DTYPE, GROUPS, INT32_ROWS, REFUSALS
from .vector import Vector
from .words import Array

# With larger powers epsilon or a square may leave the range of float32.
_LARGEST_POWER = 60

# A loss scale is a power of two, or three times one, and this or its reciprocal at most.
_LARGEST_SCALE = 2.0**32
_MANTISSAS = (0.5, 0.75)

# What may be different about the other object of a lifetime.
_DIFFERENCES = {
    "resume": {"numbers", "params"},
    "reload": {"params"},
    "beside": {"numbers", "params", "shapes"},
    "again": {"numbers", "params", "shapes"},
}


def objection(vector: Vector) -> str:
    """Return why ``vector`` cannot have its second run, in a sentence; empty if it can."""
    relation = vector.relation
    if relation is None:
        return ""
    if relation.kind == "scale" and not _is_power(relation.power):
        return (
            f"relation scale must have a power from -{_LARGEST_POWER} to {_LARGEST_POWER}, "
            f"other than 0, got {relation.power}"
        )
    last = vector.spec.call_count - 1
    if relation.kind in ("resume", "late") and not (relation.after and relation.after <= last):
        return (
            f"relation {relation.kind} must have after, a call from 1 to {last} that another "
            f"call follows, got {relation.after}"
        )
    if relation.kind == "mixed" and (vector.dtype != "float32" or not vector.dyadic):
        return f"relation mixed must have float32 and dyadic betas, got {vector.dtype}"
    if wrong := _wrong_refusal(vector, relation) or _wrong_form(vector, relation):
        return wrong
    if wrong := _wrong_lifetime(relation, vector) or _wrong_late_group(vector, relation):
        return wrong
    excluded = RELATIONS[relation.kind].excludes & vector.features
    if excluded:
        return (
            f"relation {relation.kind} cannot be combined with a feature that it does not change, "
            f"got {min(excluded)}"
        )
    return ""


def _wrong_refusal(vector: Vector, relation: Relation) -> str:
    """Return what is wrong with the bad inputs of a relation, or an empty string."""
    if relation.kind != "refuse":
        return ""
    if relation.refuses not in REFUSALS:
        known = ", ".join(REFUSALS)
        return f"relation refuse must have refuses, one of {known}, got {relation.refuses}"
    if relation.refuses.startswith("load") and vector.load is None:
        return f"relation refuse must have a load for {relation.refuses}, got none"
    if relation.refuses == "index" and "sparse" not in vector.features:
        return "relation refuse must have a sparse gradient for index, got none"
    return ""


def _wrong_form(vector: Vector, relation: Relation) -> str:
    """Return what is wrong with the form of a relation, or an empty string."""
    form = relation.form
    if relation.kind != "form":
        return ""
    if form not in FORMS:
        return f"relation form must have a form, one of {', '.join(FORMS)}, got {form}"
    if form in COUNTS and vector.load is None:
        return f"relation form must have a load for {form}, got none"
    if form == INT32_ROWS and "sparse" not in vector.features:
        return f"relation form must have a sparse gradient for {form}, got none"
    if form == GRAD_DTYPE and not all(map(_keeps_its_numbers, _grad_arrays(vector))):
        return f"relation form must have gradients that another dtype can hold for {form}"
    return ""


def _grad_arrays(vector: Vector) -> Iterator[Array]:
    for call in vector.spec.inputs.calls:
        for grad in call.grads:
            if grad is not None:
                yield values_of(grad)


def _keeps_its_numbers(array: Array) -> bool:
    other = array.astype(OTHER_DTYPE[str(array.dtype)])
    return np.array_equal(other, array, equal_nan=True)


def _wrong_late_group(vector: Vector, relation: Relation) -> str:
    """Return why the last group cannot come late, or an empty string."""
    if relation.kind != "late":
        return ""
    groups = vector.switches.get(GROUPS, [])
    count = len(vector.spec.shapes)
    late = groups[-1]["params"] if groups else []
    if late != list(range(count - len(late), count)) or len(late) == count:
        return f"relation late must have the last parameters in the last group, got {late}"
    assert relation.after is not None
    for call in vector.calls[: relation.after]:
        if any(call.grads[param] is not None for param in late):
            return "relation late must have no gradient for a group that is not there yet, got one"
    return ""


def _wrong_lifetime(relation: Relation, vector: Vector) -> str:
    """Return why the other object of a lifetime makes no sense, or an empty string."""
    kind = relation.kind
    is_resume = kind == "resume"
    if relation.used and not is_resume:
        return f"used must stand with relation resume, got {kind}"
    earlier = relation.also_after
    if earlier is not None and not (is_resume and 1 <= earlier < (relation.after or 0)):
        return f"also_after must be a call of relation resume before after, got {earlier}"
    if unknown := set(relation.other) - _DIFFERENCES.get(kind, set()):
        return f"other must be something that relation {kind} may change, got {min(unknown)}"
    if "shapes" in relation.other and len(vector.spec.shapes) < 2:
        return "other shapes must have two parameters or more to choose from, got 1"
    if kind == "reload" and vector.spec.inputs.load is None:
        return "relation reload must have a state to load, got none"
    return ""


def _is_power(power: int | None) -> bool:
    return bool(power) and power is not None and abs(power) <= _LARGEST_POWER


def wrong_scale(inputs: Inputs) -> str:
    """Return what is wrong with the loss scales of some calls, in a sentence; empty if nothing."""
    scaled = [call for call in inputs.calls if call.scale is not None]
    if not scaled:
        return ""
    if len(scaled) < len(inputs.calls):
        return "scale must stand in every call or in none, got a call without"
    if ACCUMULATION in inputs.switches:
        return f"scale cannot be combined with {ACCUMULATION}"
    return next(filter(None, map(_wrong_scale_of, scaled)), "")


def _wrong_scale_of(call: Call) -> str:
    scale = call.scale
    assert scale is not None
    mantissa, _ = frexp(scale)
    if mantissa not in _MANTISSAS or not 1 / _LARGEST_SCALE <= scale <= _LARGEST_SCALE:
        return f"scale must be 2^k or 3 2^k, from 2^-32 to 2^32, got {scale!r}"
    for grad in call.grads:
        # The sum of two rounded quotients is not the quotient of a sum.
        if isinstance(grad, IndexedSlices) and mantissa != _MANTISSAS[0]:
            return f"scale must be a power of two with sparse gradients, got {scale!r}"
        if grad is not None and not _keeps_its_digits(values_of(grad), scale):
            return f"gradients must be normal numbers, also divided by {scale!r}, got {grad!r}"
    return ""


def _keeps_its_digits(array: Array, scale: float) -> bool:
    """Return whether all numbers but zeros, infinities and NaN are normal and stay in range."""
    limits = np.finfo(array.dtype)
    sizes = np.abs(array[np.isfinite(array) & (array != 0)]).astype(np.float64)
    with np.errstate(over="ignore"):
        unscaled = sizes / scale
    is_normal = np.minimum(sizes, unscaled) >= limits.tiny
    return bool(np.all(is_normal & (unscaled <= float(limits.max))))
