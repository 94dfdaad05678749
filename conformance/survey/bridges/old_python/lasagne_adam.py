"""lasagne.updates.adam, for program.py; Theano runs the graph with NumPy."""

import theano

theano.config.cxx = ""
theano.config.mode = "FAST_COMPILE"
from lasagne.updates import adam


class Adam:
    library = "lasagne"
    version = "0.1"
    dtypes = ["float32", "float64"]
    supports = []

    def __init__(self, params, **numbers):
        theano.config.floatX = params[0].dtype.name
        self.params = [theano.shared(param) for param in params]
        grads = [param.type() for param in self.params]
        self.updates = adam(grads, self.params, **numbers)
        self.update = theano.function(grads, [], updates=self.updates)

    def step(self, grads):
        self.update(*grads)
        return [param.get_value() for param in self.params]

    def slots(self):
        # m and v of a parameter stand before it.
        kept = [shared.get_value() for shared in self.updates]
        count = len(self.params)
        return {"m": kept[0 : 3 * count : 3], "v": kept[1 : 3 * count : 3]}
