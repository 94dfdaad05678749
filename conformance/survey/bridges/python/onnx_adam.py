"""The operator Adam of ai.onnx.preview.training, by ONNX's reference evaluator."""

import numpy as np
from onnx import helper
from onnx.reference import ReferenceEvaluator

_DOMAIN = "ai.onnx.preview.training"
_KINDS = {"float32": 1, "float64": 11}


class Adam:
    """A model with one operator for each parameter, whose state the caller keeps."""

    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = params
        self.m = [np.zeros_like(param) for param in params]
        self.v = [np.zeros_like(param) for param in params]
        self.learning_rate = learning_rate
        numbers = {"alpha": beta1, "beta": beta2, "epsilon": epsilon}
        names = ["R", "T", "X", "G", "V", "H"]
        node = helper.make_node("Adam", names, ["X2", "V2", "H2"], domain=_DOMAIN, **numbers)
        self.model = [ReferenceEvaluator(_model(node, names, param)) for param in params]
        self.t = 0

    def step(self, grads):
        self.t += 1
        for at, (param, grad) in enumerate(zip(self.params, grads, strict=True)):
            rate = np.array(self.learning_rate, param.dtype)
            inputs = {"R": rate, "T": np.array(self.t), "X": param, "G": grad}
            results = self.model[at].run(None, {**inputs, "V": self.m[at], "H": self.v[at]})
            # To the type that the model declares: the evaluator returns float64 for float32.
            narrow = [np.asarray(result, param.dtype) for result in results]
            self.params[at], self.m[at], self.v[at] = narrow
        return self.params

    def slots(self):
        return {"m": self.m, "v": self.v}


def _model(node, names, param):
    kind = _KINDS[param.dtype.name]
    shapes = dict.fromkeys(("X", "G", "V", "H", "X2", "V2", "H2"), param.shape)
    kinds = {name: 7 if name == "T" else kind for name in (*names, *node.output)}
    infos = {
        name: helper.make_tensor_value_info(name, kinds[name], shapes.get(name, ()))
        for name in kinds
    }
    outputs = [infos[name] for name in node.output]
    graph = helper.make_graph([node], "adam", [infos[name] for name in names], outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(_DOMAIN, 1)])
