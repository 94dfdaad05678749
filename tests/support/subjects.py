"""Subjects that several tests judge: right ones, and one that is wrong where AMSGrad is on."""

from adamref import Adam, AdamConfig

FOUR = ("learning_rate", "beta1", "beta2", "epsilon")


def right(params, *numbers, **switches):
    return Adam(params, AdamConfig(**dict(zip(FOUR, numbers, strict=True)), **switches))


def wrong(spoilt=lambda p: p + p.dtype.type(2.0**-8), convention="paper", **attributes):
    """A right Adam, but with AMSGrad what it returns is ``spoilt``."""

    def make(params, *numbers, amsgrad=False):
        adam = Adam(
            params, AdamConfig(**dict(zip(FOUR, numbers, strict=True)), amsgrad=amsgrad), convention
        )

        def step(grads):
            stepped = adam.step(grads)
            if amsgrad:
                return list(map(spoilt, stepped))
            return stepped

        return step

    vars(make).update(attributes)
    return make
