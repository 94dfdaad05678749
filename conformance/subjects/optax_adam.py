"""optax.adam, amsgrad and adamw, with jax_enable_x64 off and on.

The two settings are two arithmetics, and so two subjects each.
"""

import optax

from .kinds.optax_factory import subject

single = subject(optax.adam, x64=False, amsgrad=optax.amsgrad)
double = subject(optax.adam, x64=True, amsgrad=optax.amsgrad)
wide_m = subject(optax.adam, x64=False, amsgrad=optax.amsgrad, mu_dtype="float32")
adamw_single = subject(optax.adamw, x64=False)
adamw_double = subject(optax.adamw, x64=True)
