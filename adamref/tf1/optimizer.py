"""AdamOptimizer: `tf.train.AdamOptimizer` of TensorFlow 1, run eagerly, on Variables of NumPy."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from ..sparse import Grad
from ..storage.step_lock import StepLock
from ..variables.copies import OptimizerCopies
from ..variables.hooks import HookedOptimizer
from ..variables.pairs import (
    Pair,
    check_locking,
    check_name,
    check_step,
    check_variables,
    describe,
    flatten,
    pairs_with_gradients,
)
from ..variables.tape import Loss, Tape
from ..variables.traced import Operand
from ..variables.variable import Variable
from .aggregation import check_aggregation
from .powers import Number, Powers, check_settings
from .saving import StorableOptimizer
from .slots import Slots

# One lock for all optimizers, because two of them may share a variable.
_STEPS = StepLock(calls_users=True)


class AdamOptimizer(HookedOptimizer, StorableOptimizer, OptimizerCopies):
    """Adam with epsilon-hat: the formula before section 2.1 of the paper, not Algorithm 1.

        lr_t = learning_rate sqrt(1 - beta2^t) / (1 - beta1^t)
        m    = beta1 m + (1 - beta1) g
        v    = beta2 v + (1 - beta2) g^2
        variable = variable - lr_t m / (sqrt(v) + epsilon)

    A sparse gradient (IndexedSlices, the result of `gather`) has the effect of the dense gradient
    with the same numbers: slices of one row are summed, and m, v and the variable change in all
    rows, not only in the rows that were read.

    Args:
        learning_rate: step size, at least 0. Each number may be a function, called at every step,
            or a 0-d array.
        beta1: decay rate of the first moment, in [0, 1).
        beta2: decay rate of the second moment, in [0, 1).
        epsilon: epsilon-hat, at least 0. 1e-8 is small: 1 or 0.1 have served for training Inception
            on ImageNet.
        use_locking: whether `apply_gradients` of several threads wait for each other, so that no
            update, no count of beta1^t and no `global_step` is lost. If False, two calls at once
            may start from the same numbers, and where both change an array only the later change
            remains; an array is never half old and half new.
        name: of the slots: those of `w` are `w/Adam` and `w/Adam_1`.

    Raises:
        TypeError: ``name`` is no string, or ``use_locking`` no bool.
        ValueError: ``name`` is empty; a number is outside its range, or is no number.

    Rounding: Python's numbers become float32 and arrays keep their dtype; beta1^t and beta2^t are
        running products in the dtype of the betas. All of them are then rounded to the dtype of
        each variable, in which it takes its step. Where the square of a gradient overflows, v stays
        infinite and the variable does not change. TensorFlow's kernel computes
        v + (g^2 - v)(1 - beta2), and both become NaN at the next dense gradient.
    Source: tf.train.AdamOptimizer, TensorFlow 1.x, November 2017;
        tensorflow/python/training/adam.py. TensorFlow also takes numbers outside their ranges, and
        slices with another ``dense_shape``.

    >>> x = Variable(10.0, name="x")
    >>> AdamOptimizer(learning_rate=0.1).minimize(lambda: x**2 / 2)
    >>> x
    <Variable 'x' shape=() dtype=float32, numpy=array(9.9, dtype=float32)>
    """

    _settings: dict[str, Number]

    # TensorFlow's constants. They differ in a graph only.
    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(
        self,
        learning_rate: Number = 0.001,
        beta1: Number = 0.9,
        beta2: Number = 0.999,
        epsilon: Number = 1e-08,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        check_name(name)
        check_locking(use_locking)
        self._settings = {
            "learning_rate": learning_rate,
            "beta1": beta1,
            "beta2": beta2,
            "epsilon": epsilon,
        }
        check_settings(self._settings)
        # Also None, which TensorFlow takes for False.
        self._use_locking = use_locking
        self._name = name
        self._slots = Slots(name)
        self._powers = Powers()

    def minimize(
        self,
        loss: Loss,
        global_step: Variable | None = None,
        var_list: Sequence[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> None:
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
            names = [variable.name for _, variable in pairs]
            raise ValueError(f"loss must depend on a variable, got none among {names}")
        self.apply_gradients(pairs, global_step, name)

    def compute_gradients(
        self,
        loss: Loss,
        var_list: Sequence[Variable] | None = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: object = None,
        colocate_gradients_with_ops: bool = False,  # noqa: ARG002
        grad_loss: Any = None,
    ) -> list[tuple[Grad | None, Variable]]:
        """Return the gradients of ``loss``, to look at or to change before `apply_gradients`.

        Args:
            loss: a function without arguments that computes the number to minimize; elements of an
                array are summed.
            var_list: the variables to differentiate by, in lists of any nesting; None is all
                trainable variables that the loss reads.
            gate_gradients: GATE_NONE, GATE_OP or GATE_GRAPH: when a gradient may be used before the
                others are computed. All three do the same here, because all gradients are computed
                when this returns, as GATE_GRAPH promises.
            aggregation_method: None or one of `AggregationMethod`; of no effect, because there is
                one way to add up a gradient.
            colocate_gradients_with_ops: of no effect, because there is one device.
            grad_loss: the gradient of the loss itself, of its shape or one number; None is 1.

        Returns:
            Pairs of a gradient and its variable. The gradient is an array; IndexedSlices for a
            variable that the loss reads by `gather` alone; None for a variable that the loss does
            not depend on.

        Raises:
            RuntimeError: ``loss`` is no function.
            TypeError: the loss is not numbers, or uses what cannot be differentiated; ``var_list``
                is not a list of Variables, which is a ValueError, too.
            ValueError: the gate, the method or ``grad_loss`` does not fit.
        """
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                f"gate_gradients must be GATE_NONE, GATE_OP or GATE_GRAPH, got {gate_gradients!r}"
            )
        if not callable(loss):
            # Not a TypeError: this is the class of TensorFlow.
            raise RuntimeError(  # noqa: TRY004
                f"loss must be a function, got {loss!r}; write lambda: loss"
            )
        check_aggregation(aggregation_method)
        chosen = None if var_list is None else _variables_of(var_list)
        tape = Tape(loss)
        variables = tape.variables if chosen is None else chosen
        grads = tape.gradients(variables, grad_loss)
        return list(zip(grads, variables, strict=True))

    def apply_gradients(
        self,
        grads_and_vars: Iterable[Pair],
        global_step: Variable | None = None,
        name: str | None = None,
    ) -> None:
        """Take one step.

        Args:
            grads_and_vars: pairs as `compute_gradients` returns them. A None gradient changes
                neither the variable nor its slots. A variable that is named twice takes both
                steps, one after the other.
            global_step: a variable to add 1 to, after the step.
            name: of the operation; of no effect, because there are no operations.

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
        # errstate: an overflow is a result like any other, as in TensorFlow.
        with self._lock(), np.errstate(all="ignore"):
            # First compute everything, which may raise; then assign, which cannot.
            numbers = self._powers.next_step(self._settings)
            updates = self._slots.after_step(pairs, numbers)
            for variable, (param, state) in updates.items():
                variable.assign(param)
                self._slots.assign(variable, state.m, state.v)
            self._powers.assign(numbers.next_powers)
            if global_step is not None:
                global_step.assign(np.add(global_step.array, 1, dtype=global_step.dtype))

    def create_slots(self, var_list: Any) -> None:
        """Make the slots of some variables and beta1^t and beta2^t, before the first step.

        This is for a state that is set before it: `get_slot` and `variables` have what to assign
        to. What there is stays.

        Raises:
            TypeError: ``var_list`` is not of variables in lists of any nesting.
            ValueError: a number is outside its range. On error, nothing is changed.
        """
        variables = _variables_of(var_list)
        with self._lock():
            numbers = self._powers.next_step(self._settings)
            for variable in variables:
                state = self._slots.state(variable)
                self._slots.assign(variable, state.m, state.v)
            self._powers.assign(numbers.powers)

    def _create_slots(self, var_list: Any) -> None:
        # TensorFlow's name: programs of its users call this.
        self.create_slots(var_list)

    def get_slot(self, var: Variable, name: str) -> Variable | None:
        """Return the slot `m` or `v` of a variable, or None before its first gradient.

        The next step starts from a value that is assigned to it.
        """
        if not isinstance(var, Variable):
            raise TypeError(f"var must be a Variable, got {describe(var)}")
        return self._slots.get(var, name)

    def get_slot_names(self) -> list[str]:
        """Return the names of the slots, `m` and `v`; an empty list before the first step."""
        return ["m", "v"] if self._slots.owners() else []

    def get_name(self) -> str:
        return self._name

    def variables(self) -> list[Variable]:
        """Return slots, and beta1^t and beta2^t as the next step will use them, by name."""
        memory = [*self._powers.variables, *self._slots.variables()]
        return sorted(memory, key=lambda variable: variable.name)

    def _lock(self) -> AbstractContextManager[Any]:
        return _STEPS.lock if self._use_locking else nullcontext()

    def _get_beta_accumulators(self) -> tuple[Variable | None, ...]:
        """Return beta1^t and beta2^t of the next step; None before the first."""
        # TensorFlow's name: programs of its users call this.
        return self._powers.variables or (None, None)


def _variables_of(var_list: Any) -> list[Variable]:
    """Return the variables in nested lists; a Variable by itself is a slip."""
    if isinstance(var_list, Operand):
        check_variables("var_list", var_list)
    return flatten("var_list", var_list)
