"""objax.optimizer.Adam adds epsilon inside the root of v, which is not corrected."""

import jax.numpy as jnp
import objax

param = objax.TrainVar(jnp.ones(1))
adam = objax.optimizer.Adam(objax.VarCollection({"p": param}), eps=1e-8)
adam(0.5, [jnp.full(1, 1e-3)])
# Algorithm 1 moves by .5 / (1 + 1e-8 / 1e-3); here it is .5 / sqrt(1 + 1e-8 / .001 / 1e-6).
moved = 1 - param.value.item()
print(f"moved by {moved:.5f}, and not by {0.5 / (1 + 1e-5):.5f}")
assert abs(moved - 0.5 / 11**0.5) < 1e-4
