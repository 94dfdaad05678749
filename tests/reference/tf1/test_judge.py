"""tf1.AdamOptimizer before the judge, in a graph with fed gradients."""

import numpy as np

from adamref import IndexedSlices, Variable, tf1
from conformance import check


class InGraph:
    """The optimizer as the judge wants it; each step is an operation of its own."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.number = learning_rate
        self.graph = tf1.Graph()
        with self.graph:
            self.rate = tf1.placeholder(np.float32, [], name="rate")
            self.variables = [Variable(param) for param in params]
        self.optimizer = tf1.AdamOptimizer(self.rate, beta1, beta2, epsilon)

    def step(self, grads, learning_rate=None):
        number = self.number if learning_rate is None else learning_rate
        self.feeds = {self.rate: number}
        with self.graph:
            pairs = list(zip(map(self.fed, grads), self.variables, strict=True))
            operation = self.optimizer.apply_gradients(pairs)
        operation.run(self.feeds)
        # Not before the gradients have been accepted.
        self.number = number
        return tf1.Session().run(self.variables)

    def fed(self, grad):
        if grad is None:
            return None
        if hasattr(grad, "indices"):
            parts = self.placeholder(grad.values), self.placeholder(grad.indices)
            return IndexedSlices(*parts, grad.dense_shape)
        return self.placeholder(grad)

    def placeholder(self, array):
        made = tf1.placeholder(array.dtype, array.shape)
        self.feeds[made] = array
        return made

    def slots(self):
        found = {}
        for name in ("m", "v"):
            slots = [self.optimizer.get_slot(variable, name) for variable in self.variables]
            found[name] = [None if slot is None else slot.eval() for slot in slots]
        return found


InGraph.supports = {"none", "sparse", "float16", "mixed_dtypes", "indices_int32"}
InGraph.refuses = {"dtype", "count", "index", "shape"}


def test_the_judge_finds_it_conformant_to_tf1():
    report = check(InGraph, convention="tf1", level="core")
    assert report.verdict == "conformant", str(report)
    assert report.arithmetic == "sssss"
    passed = {feature for one in report.of_status("passed") for feature in one.vector.features}
    assert passed >= {"none", "sparse", "float16", "float64", "schedule"}
