"""AdamOptimizer: `tf.train.AdamOptimizer` of TensorFlow 1, run eagerly, on Variables of NumPy."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..variables.hooks import HookedOptimizer
from ..variables.pairs import Pair
from ..variables.variable import Variable
from .base import Optimizer, count_step
from .memory import variables_of
from .powers import Number, Powers, check_settings
from .saving import StorableOptimizer


class AdamOptimizer(HookedOptimizer, StorableOptimizer, Optimizer):
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

    def __init__(
        self,
        learning_rate: Number = 0.001,
        beta1: Number = 0.9,
        beta2: Number = 0.999,
        epsilon: Number = 1e-08,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._settings = {
            "learning_rate": learning_rate,
            "beta1": beta1,
            "beta2": beta2,
            "epsilon": epsilon,
        }
        check_settings(self._settings)
        self._powers = Powers()

    def _take_step(
        self,
        pairs: Sequence[Pair],
        global_step: Variable | None,
        settings: Mapping[str, Number],
    ) -> None:
        # errstate: an overflow is a result like any other, as in TensorFlow.
        with self._lock(), np.errstate(all="ignore"):
            # First compute everything, which may raise; then assign, which cannot.
            numbers = self._powers.next_step(settings)
            updates = self._slots.after_step(pairs, numbers)
            for variable, (param, state) in updates.items():
                variable.store(param)
                self._slots.assign(variable, state.m, state.v)
            self._powers.assign(numbers.next_powers, numbers.next_steps)
            count_step(global_step)

    def create_slots(self, var_list: Any) -> None:
        """Make the slots of some variables and beta1^t and beta2^t, before the first step.

        This is for a state that is set before it: `get_slot` and `variables` have what to assign
        to. What there is stays.

        Raises:
            TypeError: ``var_list`` is not of variables in lists of any nesting.
            ValueError: a number is outside its range; the variables are not of one graph, or of
                none. On error, nothing is changed.
        """
        variables = variables_of(var_list)
        block = self._slots.block(variables)
        with self._lock():
            self._powers.make(self._settings, block)
            for variable in variables:
                state = self._slots.state(variable)
                self._slots.assign(variable, state.m, state.v)

    def _create_slots(self, var_list: Any) -> None:
        # TensorFlow's name: programs of its users call this.
        self.create_slots(var_list)

    def _memory(self) -> Iterable[Variable]:
        return self._powers.variables

    def _get_beta_accumulators(self) -> tuple[Variable | None, ...]:
        """Return beta1^t and beta2^t of the next step; None before the first."""
        # TensorFlow's name: programs of its users call this.
        return self._powers.variables or (None, None)
