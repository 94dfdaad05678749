"""chainer.optimizers.Adam, for program.py."""

import chainer


class Adam:
    library = "chainer"
    version = chainer.__version__
    dtypes = ["float32", "float64"]
    # Not "none": its update fills a missing gradient with zeros.
    supports = ["amsgrad", "weight_decay"]

    def __init__(self, params, amsgrad=False, weight_decay=0.0, **numbers):
        self.link = chainer.Link()
        with self.link.init_scope():
            for at, param in enumerate(params):
                setattr(self.link, "p%d" % at, chainer.Parameter(param))
        self.params = [getattr(self.link, "p%d" % at) for at in range(len(params))]
        names = {"alpha": "learning_rate", "beta1": "beta1", "beta2": "beta2", "eps": "epsilon"}
        given = {name: numbers[ours] for name, ours in names.items()}
        adam = chainer.optimizers.Adam(amsgrad=amsgrad, weight_decay_rate=weight_decay, **given)
        self.optimizer = adam.setup(self.link)
        self.slot_names = {"m": "m", "v": "v"}
        if amsgrad:
            self.slot_names["v_max"] = "vhat"

    def step(self, grads):
        for param, grad in zip(self.params, grads):
            param.grad = grad
        self.optimizer.update()
        return [param.array for param in self.params]

    def slots(self):
        shown = {}
        for slot, name in self.slot_names.items():
            states = [param.update_rule.state or {} for param in self.params]
            shown[slot] = [state.get(name) for state in states]
        return shown
