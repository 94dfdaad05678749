"""numpyro.optim.Adam, flax.nnx.Optimizer around optax.adam, and objax.optimizer.Adam."""

import jax.numpy as jnp
import numpy as np


class Numpyro:
    dtypes = frozenset({"float32"})

    def __init__(self, params, *numbers):
        from numpyro.optim import Adam

        self.optimizer = Adam(*numbers)
        self.state = self.optimizer.init([jnp.asarray(param) for param in params])

    def step(self, grads):
        self.state = self.optimizer.update([jnp.asarray(grad) for grad in grads], self.state)
        return list(map(np.asarray, self.optimizer.get_params(self.state)))


class Flax:
    dtypes = frozenset({"float32"})

    def __init__(self, params, *numbers):
        import optax
        from flax import nnx

        self.nnx = nnx
        self.model = nnx.Dict({f"p{at}": nnx.Param(jnp.asarray(p)) for at, p in enumerate(params)})
        self.optimizer = nnx.Optimizer(self.model, optax.adam(*numbers), wrt=nnx.Param)

    def step(self, grads):
        given = list(map(jnp.asarray, grads))

        def loss(model):
            # Its gradient is what the judge gave.
            return sum((model[f"p{at}"][...] * grad).sum() for at, grad in enumerate(given))

        self.optimizer.update(self.model, self.nnx.grad(loss)(self.model))
        return [np.asarray(self.model[f"p{at}"][...]) for at in range(len(grads))]


class Objax:
    dtypes = frozenset({"float32"})

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        import objax

        self.learning_rate = learning_rate
        self.variables = [objax.TrainVar(jnp.asarray(param)) for param in params]
        named = {f"p{at:03}": variable for at, variable in enumerate(self.variables)}
        collection = objax.VarCollection(named)
        self.optimizer = objax.optimizer.Adam(collection, beta1, beta2, epsilon)

    def step(self, grads, learning_rate=None):
        if learning_rate is not None:
            self.learning_rate = learning_rate
        self.optimizer(self.learning_rate, [jnp.asarray(grad) for grad in grads])
        return [np.asarray(variable.value) for variable in self.variables]

    def slots(self):
        kept = {"m": self.optimizer.m, "v": self.optimizer.v}
        return {slot: [np.asarray(each.value) for each in all_] for slot, all_ in kept.items()}
