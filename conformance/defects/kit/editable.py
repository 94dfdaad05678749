"""An Adam in replaceable pieces, from which right and wrong Adams are made.

A wrong Adam differs from a right one in few pieces. This one forgets the factor 1 - beta2 of E2:

    def without_factor(adam, step, v, grad):
        return adam.beta2 * v + grad * grad

`Pieces` lists the pieces, and `EditableAdam` calls them. `paper` has the pieces of Algorithm 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from weakref import WeakSet

import numpy as np

from ...subject.subject import Unsupported
from ...vectors.slices import Grad, IndexedSlices
from ...vectors.switches import LIMITS, REFUSALS
from .own_numbers import append_group, use_numbers_of_group
from .records import (
    SETTINGS,
    Array,
    Grads,
    Hyperparameters,
    SavedAdam,
    Settings,
    Slots,
    State,
    Step,
)


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """The pieces of one Adam, in the order in which they are called.

    Each piece is a function. It takes the Adam and the step, then the arrays of its formula.

    Fields:
        numbers: the hyperparameters as the formulas use them.
        start: runs when the Adam is made.
        check_grads: raises if gradients do not fit; comes before everything else.
        begin: runs at the start of every call, and may raise.
        unscale: the gradients without their loss scale; None where the call is skipped.
        accumulate: the gradients of an update; None where the call only waits for more.
        counts_empty_call: whether t counts a call in which no parameter has a gradient.
        clip: the gradients of a call, clipped.
        schedule: the learning rate to use when the caller passes a new one.
        gradient: the gradient to use; None skips the parameter.
        own_numbers: the numbers that the group of a parameter sets, with parameter groups.
        late_numbers: the numbers of a group that is added later.
        parameter_rate: the learning rate of a parameter.
        sparse_step: takes the step of a parameter with a sparse gradient.
        dense_gradient: the array that a sparse gradient stands for.
        step_number: t.
        ascend: the gradient, negated when the user maximizes.
        add_l2: the gradient with L2 added.
        decay: the parameter after decoupled weight decay that comes before the step.
        weight_decay: the weight decay as the formulas use it.
        first_moment, second_moment: m (E1) and v (E2).
        largest: AMSGrad: the maximum to remember, and the v of which E4 is taken.
        bias1, bias2: the divisors 1 - beta^t of E3 and E4.
        epsilon_inside, epsilon_outside: epsilon under the root and added to the root.
        denominator: the divisor of E5.
        update: lr m_hat / denominator.
        change: what is subtracted from the parameter: the update, and decay that comes after it.
        remember: the m and v to store.
        new_param: the parameter to store.
        save: what `save` returns of the state.
        restore: the state to go on from, of a saved one.
        restore_settings: the settings to take over, of those that were saved.
        check_state: raises if parameters and what follows them do not fit; comes before `load`.
        load: the moments and step counts to load.
    """

    numbers: Callable[[Hyperparameters], Hyperparameters]
    start: Callable[["EditableAdam"], None]

    # Once a call.
    check_grads: Callable[["EditableAdam", Grads], None]
    begin: Callable[["EditableAdam", Grads], None]
    unscale: Callable[["EditableAdam", Grads, float], Grads | None]
    accumulate: Callable[["EditableAdam", Grads], Grads | None]
    counts_empty_call: Callable[["EditableAdam"], bool]
    clip: Callable[["EditableAdam", Grads], Grads]
    schedule: Callable[["EditableAdam", float], float]

    # Once a parameter.
    gradient: Callable[["EditableAdam", Step, Array, Grad | None], Grad | None]
    own_numbers: Callable[["EditableAdam", Step], dict[str, float]]
    late_numbers: Callable[["EditableAdam", dict[str, float]], dict[str, float]]
    parameter_rate: Callable[["EditableAdam", Step], float]
    sparse_step: Callable[["EditableAdam", Step, IndexedSlices], None]
    dense_gradient: Callable[["EditableAdam", Array, IndexedSlices], Array]

    # The formulas, for a whole parameter or for some of its rows.
    step_number: Callable[["EditableAdam", Step], int]
    ascend: Callable[["EditableAdam", Step, Array], Array]
    add_l2: Callable[["EditableAdam", Step, Array, Array], Array]
    decay: Callable[["EditableAdam", Step, Array], Array]
    weight_decay: Callable[["EditableAdam"], float]
    first_moment: Callable[["EditableAdam", Step, Array, Array], Array]
    second_moment: Callable[["EditableAdam", Step, Array, Array], Array]
    largest: Callable[["EditableAdam", Step, Array, Array], tuple[Array, Array]]
    bias1: Callable[["EditableAdam", Step, float], float]
    bias2: Callable[["EditableAdam", Step, float], float]
    epsilon_inside: Callable[["EditableAdam", Step], float]
    epsilon_outside: Callable[["EditableAdam", Step], float]
    denominator: Callable[["EditableAdam", Step, Array], Array]
    update: Callable[["EditableAdam", Step, Array, Array], Array]
    change: Callable[["EditableAdam", Step, Array, Array, Array], Array]
    remember: Callable[["EditableAdam", Step, Array, Array], tuple[Array, Array]]
    new_param: Callable[["EditableAdam", Step, Array, Array], Array]

    # Saving and loading.
    save: Callable[["EditableAdam", State], State]
    restore: Callable[["EditableAdam", State], State]
    restore_settings: Callable[["EditableAdam", Settings], Settings]
    check_state: Callable[["EditableAdam", Sequence[Array], Slots, Sequence[int]], None]
    load: Callable[["EditableAdam", Slots, Sequence[int]], tuple[Slots, Sequence[int]]]


class EditableAdam:
    """A subject made of pieces. A subclass sets the class variables.

    Attributes:
        learning_rate, beta1, beta2, epsilon: as the formulas use them; `Step` has a scheduled rate.
        amsgrad, maximize, weight_decay, epsilon_root, limits: the switches that the user sets.
        accumulation_steps: calls for each update.
        groups: the parameter groups that the user sets, and the numbers without them: `given` and
            `given_decay`. While a parameter takes its step, `beta1` and the others are its own.
        state: everything that changes from step to step.
        living: every Adam that is alive.
    """

    living: ClassVar[WeakSet["EditableAdam"]] = WeakSet()
    pieces: ClassVar[Pieces]
    convention: ClassVar[str] = "paper"
    # The switches that this Adam has, and what it declares as a subject.
    switches: ClassVar[frozenset[str]] = frozenset({"amsgrad"})
    supports: ClassVar[frozenset[str]] = frozenset(
        {"none", "sparse", "float16", "readonly", "indices_int32", "mixed_dtypes", "loss_scale"}
    )
    refuses: ClassVar[frozenset[str]] = frozenset(REFUSALS)

    def __init__(
        self,
        params: Sequence[Array],
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        amsgrad: bool = False,
        gradient_accumulation_steps: int = 1,
        groups: Sequence[Mapping[str, Any]] = (),
        **switches: float,
    ) -> None:
        wanted = switches.keys() | ({"amsgrad"} if amsgrad else set())
        if missing := wanted - self.switches:
            raise Unsupported(f"{min(missing)}: it has no such switch")
        self.given = Hyperparameters(learning_rate, beta1, beta2, epsilon)
        self.groups = groups
        numbers = self.pieces.numbers(self.given)
        self.learning_rate = numbers.learning_rate
        self.beta1 = numbers.beta1
        self.beta2 = numbers.beta2
        self.epsilon = numbers.epsilon
        self.amsgrad = amsgrad
        self.maximize = bool(switches.get("maximize", False))
        self.given_decay = switches.get("weight_decay", 0.0)
        self.weight_decay = self.given_decay
        self.epsilon_root = switches.get("epsilon_root", 0.0)
        self.limits = {name: switches[name] for name in LIMITS if name in switches}
        self.accumulation_steps = gradient_accumulation_steps
        self.state = State(
            params=list(params),
            m=[np.zeros_like(param) for param in params],
            v=[np.zeros_like(param) for param in params],
            v_max=[np.zeros_like(param) for param in params],
            calls=0,
            gradients=[0 for _ in params],
        )
        self.living.add(self)
        self.pieces.start(self)

    @np.errstate(all="ignore")
    def step(
        self, grads: Grads, learning_rate: float | None = None, scale: float | None = None
    ) -> list[Array]:
        """Take one step on every parameter that has a gradient."""
        self.pieces.check_grads(self, grads)
        self.pieces.begin(self, grads)
        if learning_rate is not None:
            self.state.rate = self.pieces.schedule(self, learning_rate)
        unscaled = grads if scale is None else self.pieces.unscale(self, grads, scale)
        means = None if unscaled is None else self.pieces.accumulate(self, unscaled)
        if means is None:
            return self.state.params
        self._count_call(means)
        grads = self.pieces.clip(self, means)
        # A call without a learning rate keeps the last one.
        rate = self.learning_rate if self.state.rate is None else self.state.rate
        for number, grad in enumerate(grads):
            # t is not known yet: sparse gradients may be counted by row.
            step = Step(number, rate, isinstance(grad, IndexedSlices))
            self._step_parameter(step, grad)
        return self.state.params

    def _count_call(self, grads: Grads) -> None:
        state = self.state
        if any(grad is not None for grad in grads):
            state.calls += 1
        elif self.pieces.counts_empty_call(self):
            state.calls += 1
            state.gradients = [count + 1 for count in state.gradients]

    def _step_parameter(self, step: Step, grad: Grad | None) -> None:
        grad = self.pieces.gradient(self, step, self.state.params[step.parameter], grad)
        if grad is None:
            return
        self.state.gradients[step.parameter] += 1
        if self.groups:
            step = use_numbers_of_group(self, step)
        step = step._replace(learning_rate=self.pieces.parameter_rate(self, step))
        if isinstance(grad, IndexedSlices):
            self.pieces.sparse_step(self, step, grad)
        else:
            self.step_array(step, grad)

    def step_array(self, step: Step, grad: Array) -> None:
        """Take a step on a parameter with a dense gradient."""
        pieces = self.pieces
        state = self.state
        number = step.parameter
        param = state.params[number]
        dtype = param.dtype
        step = step._replace(t=pieces.step_number(self, step))
        grad = pieces.ascend(self, step, grad)
        grad = pieces.add_l2(self, step, param, grad)
        # Decay looks at the parameter as it was: L2 is added first.
        before = pieces.decay(self, step, param)
        m = pieces.first_moment(self, step, state.m[number], grad)  # E1
        v = pieces.second_moment(self, step, state.v[number], grad)  # E2
        largest = v
        if self.amsgrad:
            v_max, largest = pieces.largest(self, step, state.v_max[number], v)
            state.v_max[number] = v_max
        # The quotients are taken in float64 and then rounded to the dtype of the parameter.
        m_hat = (m / np.float64(pieces.bias1(self, step, self.beta1))).astype(dtype)  # E3
        v_hat = (largest / np.float64(pieces.bias2(self, step, self.beta2))).astype(dtype)  # E4
        update = pieces.update(self, step, m_hat, v_hat)
        after = before - pieces.change(self, step, before, m_hat, update)  # E5
        m, v = pieces.remember(self, step, m, v)
        state.m[number] = np.asarray(m, dtype)
        state.v[number] = np.asarray(v, dtype)
        state.params[number] = np.asarray(pieces.new_param(self, step, param, after), dtype)

    def add_group(self, params: Sequence[Array], **numbers: float) -> None:
        """Add parameters behind those that are there, as a group with numbers of its own."""
        append_group(self, params, numbers)

    def slots(self) -> Slots:
        """Return the moments."""
        moments = {"m": self.state.m, "v": self.state.v}
        return moments | {"v_max": self.state.v_max} if self.amsgrad else moments

    def load(self, params: Sequence[Array], slots: Slots, t: Sequence[int]) -> None:
        """Continue from parameters, moments and step counts."""
        self.pieces.check_state(self, params, slots, t)
        slots, t = self.pieces.load(self, slots, t)
        # The counts of gradients are loaded by the pieces of conventions that use them.
        self.state.params = list(params)
        self.state.calls = int(t[0])
        self.state.m = slots["m"]
        self.state.v = slots["v"]
        self.state.v_max = slots.get("v_max", self.state.v_max)

    def save(self) -> SavedAdam:
        """Return everything that `restore` needs."""
        settings = {name: getattr(self, name) for name in SETTINGS}
        return SavedAdam(self.pieces.save(self, self.state), settings)

    def restore(self, saved: SavedAdam) -> None:
        """Continue from what `save` returned, with the settings of the Adam that was saved."""
        self.state = self.pieces.restore(self, saved.state)
        for name, value in self.pieces.restore_settings(self, saved.settings).items():
            setattr(self, name, value)

    @property
    def memory(self) -> dict[str, Any]:
        """What a piece remembers between its calls, under a key of its own."""
        return self.state.memory

    def others(self) -> list["EditableAdam"]:
        """Return the other Adams of this class that are alive."""
        return [other for other in self.living if type(other) is type(self) and other is not self]
