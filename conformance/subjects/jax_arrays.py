"""Arrays of JAX, which has no float64 unless jax_enable_x64 is on: what its adapters share."""

import jax
import jax.numpy as jnp
import numpy as np

from ..subject.subject import Unsupported


def as_jax(arrays):
    """Return copies of the arrays as JAX's own."""
    # `asarray` would compile a copy for each shape.
    return [jax.device_put(array, may_alias=False) for array in arrays]


def as_real(array):
    """Return the real part of a complex array that has no other, and any other as it is."""
    return array.real if jnp.iscomplexobj(array) and not array.imag.any() else array


def refuse_float64(params, x64):
    """Raise Unsupported if a parameter is float64 and ``x64`` is off: JAX would narrow it."""
    doubles = (np.float64, np.complex128)
    if not x64 and any(param.dtype in doubles for param in params):
        raise Unsupported(
            "float64 needs jax_enable_x64; subjects with -x64 in their name have it, and for a "
            "class the variable JAX_ENABLE_X64=1 turns it on"
        )
