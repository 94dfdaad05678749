"""TensorFlow 1's tf.train.AdamOptimizer in NumPy. README.md has examples and a map of the files."""

from ..variables.variable import Variable
from .aggregation import AggregationMethod
from .base import Optimizer
from .graph import (
    Graph,
    GraphKeys,
    Operation,
    get_default_graph,
    global_variables,
    global_variables_initializer,
    trainable_variables,
)
from .optimizer import AdamOptimizer
from .session import Session
from .tensor import Tensor, placeholder

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
