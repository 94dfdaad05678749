"""ONNX's reference evaluator returns float64 for one float32 tensor, float32 for two."""

import numpy as np
from onnx import helper
from onnx.reference import ReferenceEvaluator

DOMAIN = "ai.onnx.preview.training"


def dtypes(count):
    inputs = [f"{kind}{at}" for kind in "XGVH" for at in range(count)]
    outputs = [f"{kind}{at}_new" for kind in "XVH" for at in range(count)]
    node = helper.make_node("Adam", ["R", "T", *inputs], outputs, domain=DOMAIN)
    info = helper.make_tensor_value_info
    floats = [info(name, 1, [1]) for name in inputs]
    results = [info(name, 1, [1]) for name in outputs]
    graph = helper.make_graph([node], "g", [info("R", 1, []), info("T", 7, []), *floats], results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(DOMAIN, 1)])
    given = {name: np.ones(1, np.float32) for name in inputs}
    given.update(R=np.float32(0.1), T=np.int64(1))
    return [result.dtype.name for result in ReferenceEvaluator(model).run(None, given)]


print("one tensor:", dtypes(1), "two:", dtypes(2))
assert dtypes(1)[0] == "float64"
assert dtypes(2)[0] == "float32"
