"""Optimizer: `tf.train.Optimizer` of TensorFlow 1, the class that optimizers of a user inherit."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from threading import Lock
from types import MappingProxyType
from typing import Any

import numpy as np

from ..gradients.conversion import as_grad
from ..gradients.indexed_slices import Grad, IndexedSlices, sum_duplicates
from ..graph.derivatives import RecordedLoss
from ..graph.graph import Operation, graph_of, trainable_variables
from ..storage.step_lock import StepLock
from ..variables.copies import OptimizerCopies
from ..variables.pairs import (
    Pair,
    check_locking,
    check_name,
    check_step,
    dense_gradient,
    no_gradients,
    pairs_with_gradients,
)
from ..variables.tape import Tape
from ..variables.variable import Variable
from .aggregation import check_aggregation
from .memory import SlotMemory, variables_of
from .powers import call_once

# One lock for all optimizers, because two of them may share a variable.
_STEPS = StepLock(calls_users=True)
_COUNTING = Lock()


class Optimizer(SlotMemory, OptimizerCopies):
    """What all optimizers have: gradients, steps and slots.

    A subclass says what a step does. `_apply_dense` gets a gradient and its Variable, and assigns
    to the Variable and its slots; `_apply_sparse` gets IndexedSlices with each row once. Gradients
    are arrays, also in a graph, where both are called when a step is run. `_create_slots` gets the
    Variables of a step and makes their slots by `_zeros_slot`. `_prepare` is called before the
    gradients and `_finish` after them.

    Args:
        use_locking: whether steps of several threads wait for each other.
        name: of the optimizer, and so of its slots and its operations.

    Raises:
        TypeError: ``name`` is no string, or ``use_locking`` no bool.
        ValueError: ``name`` is empty.

    Source: tf.train.Optimizer, TensorFlow 1.x; tensorflow/python/training/optimizer.py.

    >>> class Descent(Optimizer):
    ...     def _apply_dense(self, grad, var):
    ...         var.assign_sub(0.5 * grad)
    >>> x = Variable(3.0, name="x")
    >>> Descent(use_locking=False, name="Descent").minimize(lambda: x**2)
    >>> x.numpy()
    np.float32(0.0)
    """

    # TensorFlow's constants.
    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    # Numbers that may be functions; a subclass may have some.
    _settings: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, use_locking: bool, name: str) -> None:
        check_name(name)
        check_locking(use_locking)
        # Also None, which TensorFlow takes for False.
        self._use_locking = use_locking
        super().__init__(name)

    def minimize(
        self,
        loss: Any,
        global_step: Variable | None = None,
        var_list: Sequence[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Operation | None:
        """Take one step that makes ``loss`` smaller: `compute_gradients`, then `apply_gradients`.

        Raises:
            ValueError: the loss depends on none of the variables. Also all errors of the two
                methods. On error, nothing is changed.
        """
        pairs = self.compute_gradients(
            loss,
            var_list,
            gate_gradients,
            aggregation_method,
            colocate_gradients_with_ops,
            grad_loss,
        )
        if not pairs:
            raise ValueError(
                "No variables to optimize: var_list or the loss must have one, got none"
            )
        # Some variables may have no gradient; only if all have none, the loss is a mistake.
        if all(grad is None for grad, _ in pairs):
            raise no_gradients(variable for _, variable in pairs)
        return self.apply_gradients(pairs, global_step, name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Sequence[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,  # noqa: ARG002
        grad_loss: Any = None,
    ) -> list[tuple[Grad | None, Variable]]:
        """Return the gradients of ``loss``, to look at or to change before `apply_gradients`.

        Args:
            loss: a function without arguments that computes the number to minimize, or, in a graph,
                a Tensor; elements of an array are summed.
            var_list: the variables to differentiate by, in lists of any nesting; None is all
                trainable variables that the loss reads, and in a graph all trainable ones of the
                graph.
            gate_gradients: GATE_NONE, GATE_OP or GATE_GRAPH: when a gradient may be used before the
                others are computed. All three do the same here, because all gradients are computed
                before one is used, as GATE_GRAPH promises.
            aggregation_method: None or one of `AggregationMethod`; of no effect, because there is
                one way to add up a gradient.
            colocate_gradients_with_ops: of no effect, because there is one device.
            grad_loss: the gradient of the loss itself, of its shape or one number; None is 1.

        Returns:
            Pairs of a gradient and its variable. The gradient is an array, or in a graph a Tensor;
            IndexedSlices for a variable that the loss reads by `gather` alone; None for a variable
            that the loss does not depend on.

        Raises:
            RuntimeError: ``loss`` is no function, and no graph is open.
            TypeError: the loss is not numbers, or uses what cannot be differentiated; ``var_list``
                is not a list of Variables, which is a ValueError, too.
            ValueError: the gate, the method or ``grad_loss`` does not fit.
        """
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                f"gate_gradients must be GATE_NONE, GATE_OP or GATE_GRAPH, got {gate_gradients!r}"
            )
        graph = graph_of([loss])
        if not callable(loss) and graph is None:
            # Not a TypeError: this is the class of TensorFlow.
            raise RuntimeError(
                f"loss must be a function, got {loss!r}; write lambda: loss, or write all of it "
                "inside with tf1.Graph():"
            )
        check_aggregation(aggregation_method)
        chosen = None if var_list is None else variables_of(var_list)
        if graph is None:
            tape = Tape(loss)
            variables = tape.variables if chosen is None else chosen
            return list(zip(tape.gradients(variables, grad_loss), variables, strict=True))
        with graph:
            recorded = RecordedLoss(loss() if callable(loss) else loss, graph)
            variables = trainable_variables() if chosen is None else chosen
            return list(zip(recorded.gradients(variables, grad_loss), variables, strict=True))

    def apply_gradients(
        self,
        grads_and_vars: Iterable[Pair],
        global_step: Variable | None = None,
        name: str | None = None,
    ) -> Operation | None:
        """Take one step; in a graph, return the operation that takes it.

        Args:
            grads_and_vars: pairs as `compute_gradients` returns them. A None gradient changes
                neither the variable nor its slots. A variable that is named twice takes both
                steps, one after the other.
            global_step: a variable to add 1 to, after the step.
            name: of the operation; None is that of the optimizer.

        Raises:
            TypeError: ``grads_and_vars`` is not of pairs with a Variable; ``global_step`` is no
                Variable of a number.
            ValueError: there are no pairs, or no gradients; a gradient does not fit its variable,
                or the variable is not of floats; a number is outside its range. On error, no
                variable is changed.
        """
        if name is not None and not isinstance(name, str):
            raise ValueError(f"name must be a string or None, got {name!r}")
        pairs = pairs_with_gradients(grads_and_vars)
        check_step(global_step)
        graph = graph_of([*pairs, global_step])
        if graph is None:
            self._take_step(pairs, global_step, self._settings)
            return None
        with graph:
            settings = {key: call_once(value) for key, value in self._settings.items()}
            self._create_slots([variable for _, variable in pairs])
            take_step = partial(self._take_step, pairs, global_step, settings)
            inputs = [[grad for grad, _ in pairs], settings]
            step = graph.act(name or self._name, take_step, inputs)
            graph.add_step(step)
        return step

    def _lock(self) -> AbstractContextManager[Any]:
        return _STEPS.lock if self._use_locking else nullcontext()

    def _take_step(
        self,
        pairs: Sequence[Pair],
        global_step: Variable | None,
        settings: Mapping[str, Any],  # noqa: ARG002
    ) -> None:
        """Take a step: here the one that the methods of a subclass say."""
        grads = [_array_or_rows(grad, variable) for grad, variable in pairs]
        with self._lock():
            self._create_slots([variable for _, variable in pairs])
            self._prepare()
            for grad, (_, variable) in zip(grads, pairs, strict=True):
                if isinstance(grad, IndexedSlices):
                    self._apply_sparse(grad, variable)
                else:
                    self._apply_dense(grad, variable)
            self._finish([], self._name)
            count_step(global_step)

    def _create_slots(self, var_list: list[Variable]) -> None:
        """Make the slots of some Variables, unless they have them; for a subclass."""

    def _prepare(self) -> None:
        """Called before the gradients of each step, for a subclass."""

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        """Change a Variable by its gradient, an array; for a subclass."""
        return self._resource_apply_dense(grad, var)

    def _apply_sparse(self, grad: Any, var: Variable) -> Any:
        """Change a Variable by IndexedSlices that have each row once; for a subclass."""
        return self._resource_apply_sparse(grad.values, var, grad.indices)

    def _resource_apply_dense(self, grad: Any, handle: Any) -> Any:
        """The same for subclasses of later versions of TensorFlow, which define this one."""
        raise NotImplementedError(f"_apply_dense must be defined, got {type(self).__name__}")

    def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
        """The same for subclasses of later versions of TensorFlow, which define this one."""
        raise NotImplementedError(f"_apply_sparse must be defined, got {type(self).__name__}")

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        """Called after the gradients of each step, for a subclass."""


def count_step(global_step: Variable | None) -> None:
    """Add 1 to a global step; no count is lost, whether or not steps wait for each other."""
    if global_step is not None:
        with _COUNTING:
            global_step.store(np.add(global_step.array, 1, dtype=global_step.dtype))


def _array_or_rows(grad: Any, variable: Variable) -> Grad:
    """Return a gradient, or the value that it has in this run, as a subclass gets it."""
    # This checks slices too.
    dense = dense_gradient(grad, variable)
    arrays = as_grad(grad)
    return sum_duplicates(arrays) if isinstance(arrays, IndexedSlices) else dense
