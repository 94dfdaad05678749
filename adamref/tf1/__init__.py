"""TensorFlow 1's tf.train.AdamOptimizer in NumPy. README.md has examples and a map of the files."""

from ..graph.graph import (
    Graph,
    GraphKeys,
    Operation,
    get_default_graph,
    global_variables,
    global_variables_initializer,
    trainable_variables,
)
from ..graph.placeholder import placeholder
from ..graph.session import Session
from ..graph.tensor import Tensor
from ..variables.variable import Variable
from .aggregation import AggregationMethod
from .base import Optimizer
from .optimizer import AdamOptimizer

__all__ = [
    "AdamOptimizer",
    "AggregationMethod",
    "Graph",
    "GraphKeys",
    "Operation",
    "Optimizer",
    "Session",
    "Tensor",
    "Variable",
    "get_default_graph",
    "global_variables",
    "global_variables_initializer",
    "placeholder",
    "trainable_variables",
]
