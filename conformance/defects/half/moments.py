"""Moments of half precision, kept in another format than the Adam says."""

from ..defect import wrong_half
from ..kit.half import RIGHT, HalfAdam
from ..kit.records import Array
from .storages import NATIVE_MOMENTS, ROUNDED


@wrong_half("moment", what="m is kept in half precision, not in float32", storage=ROUNDED)
def half_m(adam: HalfAdam, name: str, moment: Array) -> Array:
    return adam.rounded(moment) if name == "m" else RIGHT.moment(adam, name, moment)


@wrong_half("moment", what="v is kept in half precision, not in float32", storage=ROUNDED)
def half_v(adam: HalfAdam, name: str, moment: Array) -> Array:
    # With AMSGrad also the maximum.
    return RIGHT.moment(adam, name, moment) if name == "m" else adam.rounded(moment)


@wrong_half("moment", what="m is kept in float32, not in half precision", storage=NATIVE_MOMENTS)
def half_m_is_wide(adam: HalfAdam, name: str, moment: Array) -> Array:
    return moment if name == "m" else RIGHT.moment(adam, name, moment)


@wrong_half("moment", what="v is kept in float32, not in half precision", storage=NATIVE_MOMENTS)
def half_v_is_wide(adam: HalfAdam, name: str, moment: Array) -> Array:
    return RIGHT.moment(adam, name, moment) if name == "m" else moment


@wrong_half(
    "moment", what="AMSGrad's maximum is kept in half precision, v in float32", storage=ROUNDED
)
def half_maximum(adam: HalfAdam, name: str, moment: Array) -> Array:
    return adam.rounded(moment) if name == "v_max" else RIGHT.moment(adam, name, moment)


@wrong_half(
    "moment",
    what="AMSGrad's maximum is kept in float32, v in half precision",
    storage=NATIVE_MOMENTS,
)
def half_maximum_is_wide(adam: HalfAdam, name: str, moment: Array) -> Array:
    return moment if name == "v_max" else RIGHT.moment(adam, name, moment)
