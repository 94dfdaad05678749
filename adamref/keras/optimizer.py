"""tf.keras.optimizers.Adam as it was in TensorFlow 2 before 2.11, in NumPy: the same calls and the same numbers."""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..clip import clip
from ..config import AdamConfig
from ..convention import Arithmetic
from ..named_conventions import CONVENTIONS
from ..sparse import Grad, IndexedSlices, as_grad
from ..state import AdamState, Array
from ..step import step
from ..validation import check_arrays
from ..variables.numbers import fitting
from ..variables.pairs import Pair, paired, shown
from ..variables.tape import Loss, Tape, gradients
from ..variables.variable import Variable
from .files import Stored
from .settings import Settings
from .weights import Weights, checked

# An epsilon of 0 is replaced when an optimizer is made, and used as it is when it is assigned later.
_TFKERAS = CONVENTIONS["tfkeras"].convention
_CONVENTION = replace(_TFKERAS, epsilon_zero="as_given").with_name("tfkeras")
# Of numbers that have been rounded before, or that a function or schedule gave in another format.
_ARITHMETIC = Arithmetic.parse("ddddT")


class Adam(Stored):
    """Adam with the interface of tf.keras.

    Epsilon is the paper's epsilon hat, of the formula just before section 2.1. A sparse gradient has the effect of the
    dense one: all rows move and all moments decay. Arguments other than name and decay are attributes, which can be set
    between steps. An optimizer may be used by one thread at a time.

    Args:
        learning_rate: a number, a function without arguments that returns one, or a schedule of `adamref.schedule`,
            which is called with ``iterations``.
        beta_1, beta_2: decay rates of the moments: a number, or a function that returns one.
        epsilon: added to the root; 0 and None become 1e-7. That is small: 1 or 0.1 have served for ImageNet.
        amsgrad: divide by the largest second moment so far.
        name: prefix of the names of slots.
        kwargs: ``clipvalue``, ``clipnorm`` and ``global_clipnorm`` limit the elements of gradients, the norm of each
            and that of all, in this order; ``decay`` divides the learning rate by 1 + decay iterations; ``lr`` is an
            old name of learning_rate.

    Raises:
        TypeError: an argument is unknown, or not a number.
        ValueError: a number is out of its range; both norms are limited.

    Rounding: numbers are float32 and then take the dtype of the variable: arithmetic `sdssT`, but for float16, in which
        beta_2 too becomes float16. Where the square of a gradient overflows, v stays infinite and the Variable as it
        is; TensorFlow's kernel computes v + (g^2 - v)(1 - beta_2), which makes v NaN at the next dense gradient, and
        without amsgrad the Variable too.
    Source: tf_keras 2.21.0, optimizers/legacy/adam.py and optimizer_v2.py. That one also takes learning rates below 0,
        limits of 0 and betas of 1, and ignores what is assigned to its ``decay``.

    >>> from adamref import Variable
    >>> opt = Adam(learning_rate=0.1)
    >>> var1 = Variable(10.0)
    >>> loss = lambda: (var1 ** 2) / 2.0  # d(loss)/d(var1) == var1
    >>> step_count = opt.minimize(loss, [var1]).numpy()
    >>> # The first step is `-learning_rate*sign(grad)`
    >>> var1.numpy()
    np.float32(9.9)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        name: str | None = "Adam",
        **kwargs: Any,
    ) -> None:
        Weights.__init__(self, name or "adam")
        Settings.__init__(self, learning_rate, beta_1, beta_2, epsilon, amsgrad, kwargs)

    def minimize(
        self,
        loss: Loss,
        var_list: Any,
        grad_loss: Any = None,
        name: str | None = None,
        tape: None = None,
    ) -> Variable | None:
        """Take one step down the gradients of ``loss``.

        Args:
            loss: a function without arguments, in NumPy's functions of Variables.
            var_list: Variables to change, nested in lists as they may be, or a function that returns them, which is
                called after the loss.
            grad_loss: what each element of the loss counts; None is 1.
            name: is of no effect without a graph.
            tape: must be None: there are no tapes in NumPy.

        Returns:
            What `apply_gradients` returns.

        Raises:
            ValueError: ``loss`` is not a function, or there is a tape; ``var_list`` holds something else.
                And what `apply_gradients` raises. Nothing has changed then.
        """
        if tape is not None:
            raise ValueError(
                f"tape must be None, got {tape!r}; NumPy has no tapes, give the loss as a function"
            )
        if not callable(loss):
            raise ValueError(f"loss must be a function without arguments, got {loss!r}")  # noqa: TRY004  (tf.keras' class)
        evaluated = Tape(loss)
        variables = _flat(var_list() if callable(var_list) else var_list)
        grads = evaluated.gradients(variables, grad_loss)
        return self.apply_gradients(zip(grads, variables, strict=True), name)

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,  # noqa: ARG002  (there is no graph to name an operation in)
        experimental_aggregate_gradients: bool = True,  # noqa: ARG002  (there is one device)
    ) -> Variable | None:
        """Take one step with gradients that are ready.

        Args:
            grads_and_vars: pairs of a gradient and the Variable that it is of. A gradient is an array of the shape and
                dtype of the Variable, IndexedSlices of it, or None, which leaves the Variable out with a warning.
            name: is of no effect without a graph.
            experimental_aggregate_gradients: is of no effect on one device.

        Returns:
            ``iterations``, which is one more; None if there are no pairs, and then it is not.

        Raises:
            TypeError: ``grads_and_vars`` is not pairs with a Variable.
            ValueError: all gradients are None, or one does not fit; a hyperparameter is out of its range.
                Nothing has changed then.
        """
        pairs = _filled(paired(grads_and_vars))
        moved = self._moved(pairs) if pairs else {}
        iterations = self.iterations
        for slot in self._own_slots():
            for var in moved:
                self.add_slot(var, slot)
        for var, (param, state) in moved.items():
            var.assign(param)
            for slot, array in zip(self._own_slots(), state[1:], strict=False):
                self._slots[var][slot].assign(array)
        return iterations.assign(iterations.numpy() + 1) if pairs else None

    def get_gradients(self, loss: Loss, params: Any) -> list[Grad]:
        """The gradients of ``loss``, a function, by ``params``.

        Raises:
            ValueError: the loss does not depend on one of them.
        """
        variables = _flat(params)
        grads = gradients(loss, variables)
        missing = [var.name for grad, var in zip(grads, variables, strict=True) if grad is None]
        if missing:
            raise ValueError(
                f"loss must depend on all params, got one that does not on {', '.join(missing)}"
            )
        return [grad for grad in grads if grad is not None]

    def get_updates(self, loss: Loss, params: Any) -> list[Variable | None]:
        """A step like `minimize`, for which every one of ``params`` must have a gradient; ``iterations`` in a list."""
        return [
            self.apply_gradients(zip(self.get_gradients(loss, params), _flat(params), strict=True))
        ]

    def _moved(self, pairs: list[Pair]) -> dict[Variable, tuple[Array, AdamState]]:
        """What the variables and their states become; nothing is changed yet."""
        variables = [var for _, var in pairs]
        grads = [_fitting(grad, var) for grad, var in pairs]
        for var, grad in zip(variables, grads, strict=True):
            check_arrays(AdamConfig(amsgrad=bool(self.amsgrad)), self._state(var), var._array, grad)
        taken = int(self._taken)
        if taken < 0:
            raise ValueError(f"iterations must be >= 0, got {taken}")
        configs = {
            dtype: self._config(taken, dtype)
            for dtype in dict.fromkeys(var.dtype for var in variables)
        }
        if self.global_clipnorm is not None and len(configs) > 1:
            found = ", ".join(map(str, configs))
            raise ValueError(
                f"grads_and_vars must be of one dtype with global_clipnorm, got {found}"
            )
        clipped: list[Any] = clip(next(iter(configs.values())), _CONVENTION, grads)
        moved: dict[Variable, tuple[Array, AdamState]] = {}
        for var, grad in zip(variables, clipped, strict=True):
            param, state = moved.get(var) or (var._array, self._state(var))
            param, after = step(configs[var.dtype], state, param, grad, _CONVENTION, _ARITHMETIC)
            moved[var] = (
                param,
                after._replace(t=state.t),
            )  # one call is one step, if it names a variable twice too
        return moved


def _filled(pairs: list[Pair]) -> list[Pair]:
    """The pairs with a gradient; a warning names the Variables without.

    Raises:
        TypeError: something stands in the place of a Variable.
        ValueError: there are pairs, and none has a gradient.
    """
    names = ", ".join(checked(var).name for grad, var in pairs if grad is None)
    filled = [(grad, checked(var)) for grad, var in pairs if grad is not None]
    if pairs and not filled:
        raise ValueError(
            f"some variable must have a gradient, got None for {names}; see what the loss reads"
        )
    if names:
        warnings.warn(f"variables without a gradient stay as they are: {names}", stacklevel=3)
    return filled


def _fitting(grad: Any, var: Variable) -> Grad:
    """A gradient as arrays of the dtype of its variable, if it has that or consists of Python's numbers."""
    given = as_grad(grad)
    if isinstance(given, IndexedSlices):
        return given._replace(values=fitting("values", grad.values, var.dtype))
    array: Array = fitting(f"the gradient of {var.name}", grad, var.dtype)
    return array


def _flat(var_list: Any) -> list[Variable]:
    """The Variables in nested lists, tuples and dictionaries, which go by their sorted keys.

    Raises:
        ValueError: there is something else.
    """
    if isinstance(var_list, dict):
        var_list = [var_list[key] for key in sorted(var_list)]
    if isinstance(var_list, list | tuple):
        return [var for part in var_list for var in _flat(part)]
    if not isinstance(var_list, Variable):
        raise ValueError(f"var_list must hold Variables, got {shown(var_list)}")  # noqa: TRY004  (tf.keras' class)
    return [var_list]
