"""Adam: tf.keras.optimizers.Adam of TensorFlow 2 before 2.11 in NumPy: same calls, same numbers."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..gradients.indexed_slices import Grad
from ..graph.derivatives import RecordedLoss
from ..graph.graph import graph_of
from ..variables.copies import OptimizerCopies
from ..variables.hooks import HookedOptimizer
from ..variables.pairs import Pair, flatten, read_pairs
from ..variables.tape import Loss, Tape, gradients
from ..variables.variable import Variable
from .files import read_optimizer, write_optimizer
from .memory import WeightedOptimizer
from .settings import Settings, arguments_from_config
from .updates import after_step, all_gradients, with_gradients
from .weights import Weights


def _setting(name: str) -> Any:
    """Return a property that reads and assigns a setting of an optimizer."""
    return property(
        lambda optimizer: optimizer._settings.read(name),
        lambda optimizer, value: optimizer._settings.assign(name, value),
    )


class Adam(HookedOptimizer, WeightedOptimizer, OptimizerCopies):
    """Adam with the interface of tf.keras.

    Epsilon is the paper's epsilon hat, of the formula just before section 2.1. A sparse gradient
    has the effect of the dense gradient with the same numbers: all rows move and all moments decay.
    Arguments other than name and decay are attributes, which can be set between steps. An optimizer
    may be used by one thread at a time.

    Args:
        learning_rate: a number, a function without arguments that returns one, or a schedule of
            `adamref.schedule`, which is called with ``iterations``.
        beta_1, beta_2: decay rates of the moments: a number, or a function that returns one.
        epsilon: added to the root; 0 and None become 1e-7. That is small: 1 or 0.1 have served for
            ImageNet.
        amsgrad: divide by the largest second moment so far.
        name: prefix of the names of slots.
        kwargs: ``clipvalue``, ``clipnorm`` and ``global_clipnorm`` limit the elements of gradients,
            the norm of each gradient, and the norm of all together, in this order; ``decay``
            divides the learning rate by 1 + decay iterations; ``lr`` is an old name of
            learning_rate; ``gradient_aggregator`` and each of ``gradient_transformers`` get and
            return pairs of a gradient and its Variable, before and instead of the limits.

    Raises:
        TypeError: an argument is unknown, or not a number.
        ValueError: a number is out of its range; both norms are limited; ``amsgrad`` is neither
            True nor False.

    Rounding: numbers are float32 and then take the dtype of the variable: arithmetic `sdssT`,
        except in float16, where beta_2 too becomes float16. Where the square of a gradient
        overflows, v stays infinite and the Variable does not change. TensorFlow's kernel computes v
        + (g^2 - v)(1 - beta_2), which makes v NaN at the next dense gradient, and without amsgrad
        the Variable too.
    Source: tf_keras 2.21.0, optimizers/legacy/adam.py and optimizer_v2.py. It also takes learning
        rates below 0, limits of 0 and betas of 1, and ignores what is assigned to its ``decay``.

    >>> from adamref import Variable
    >>> opt = Adam(learning_rate=0.1)
    >>> var1 = Variable(10.0)
    >>> loss = lambda: (var1 ** 2) / 2.0  # d(loss)/d(var1) == var1
    >>> step_count = opt.minimize(loss, [var1]).numpy()
    >>> # The first step is `-learning_rate*sign(grad)`
    >>> var1.numpy()
    np.float32(9.9)
    """

    _settings: Settings
    learning_rate = _setting("learning_rate")
    # An old name that tf.keras still takes.
    lr = _setting("learning_rate")
    beta_1 = _setting("beta_1")
    beta_2 = _setting("beta_2")
    epsilon = _setting("epsilon")
    amsgrad = _setting("amsgrad")
    # The largest norm of each gradient, magnitude of an element, and norm of all gradients
    # together; None is no limit.
    clipnorm = _setting("clipnorm")
    clipvalue = _setting("clipvalue")
    global_clipnorm = _setting("global_clipnorm")

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
        owner = name or "adam"
        self._weights = Weights(owner)
        self._settings = Settings(owner, learning_rate, beta_1, beta_2, epsilon, amsgrad, kwargs)

    @property
    def decay(self) -> Any:
        """The decay that the constructor got, in float32; it cannot be changed."""
        return np.float32(self._settings.decay)

    def minimize(
        self,
        loss: Loss,
        var_list: Any,
        grad_loss: Any = None,
        name: str | None = None,
        tape: None = None,
    ) -> Any:
        """Take one step down the gradients of ``loss``.

        Args:
            loss: a function without arguments, in NumPy's functions of Variables.
            var_list: Variables to change, in lists of any nesting, or a function that returns them,
                which is called after the loss.
            grad_loss: the weight of each element of the loss; None is 1.
            name: of the operation in a graph.
            tape: must be None: there are no tapes in NumPy.

        Returns:
            The result of `apply_gradients`.

        Raises:
            ValueError: ``loss`` is not a function, or there is a tape; ``var_list`` holds something
                else. Also all errors of `apply_gradients`. On error, nothing is changed.
        """
        if tape is not None:
            raise ValueError(
                f"tape must be None, got {tape!r}; NumPy has no tapes, give the loss as a function"
            )
        if not callable(loss):
            raise ValueError(  # noqa: TRY004  (tf.keras' class)
                f"loss must be a function without arguments, got {loss!r}"
            )
        graph = graph_of([])
        differentiable = Tape(loss) if graph is None else RecordedLoss(loss(), graph)
        # Only now, because the loss may make its Variables when it is called.
        variables = flatten("var_list", var_list() if callable(var_list) else var_list)
        grads = differentiable.gradients(variables, grad_loss)
        return self.apply_gradients(zip(grads, variables, strict=True), name)

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        experimental_aggregate_gradients: bool = True,
    ) -> Any:
        """Take one step with gradients that are ready; in a graph, return its operation.

        Args:
            grads_and_vars: pairs of a gradient and its Variable. A gradient is an array of the
                shape and dtype of the Variable, IndexedSlices of it, or None, which leaves the
                Variable out with a warning.
            name: of the operation in a graph; None is that of the optimizer.
            experimental_aggregate_gradients: whether ``gradient_aggregator`` is called.

        Returns:
            ``iterations``, which has been counted up; None if there are no pairs, which is no step.
            In a graph, the operation that takes the step and returns ``iterations``.

        Raises:
            TypeError: ``grads_and_vars`` is not pairs with a Variable.
            ValueError: all gradients are None, or one does not fit; a hyperparameter is out of its
                range. On error, nothing is changed.
        """
        pairs = with_gradients(read_pairs(grads_and_vars))
        graph = graph_of(list(pairs))
        if graph is None:
            return self._take_step(pairs, experimental_aggregate_gradients)
        with graph:
            self.build([variable for _, variable in pairs])
        take_step = partial(self._take_step, pairs, experimental_aggregate_gradients)
        return graph.act(name or self._weights.owner, take_step, list(pairs))

    def _take_step(self, pairs: list[Pair], aggregates: bool) -> Variable | None:
        """Take one step with gradients that are ready, and return ``iterations``."""
        if pairs:
            self._prepare([variable for _, variable in pairs])
            if aggregates:
                pairs = read_pairs(self._aggregate_gradients(pairs))
            for transform in self._settings.transformers:
                pairs = read_pairs(transform(pairs))
        # First compute everything, which may raise; then assign, which cannot.
        after = after_step(self._settings, self._weights, pairs)
        iterations = self.iterations
        if not pairs:
            return None
        self._weights.commit(after)
        return iterations

    def _prepare(self, var_list: list[Variable]) -> None:
        """Called before each step, for a subclass."""

    def _aggregate_gradients(self, grads_and_vars: list[Pair]) -> Iterable[Pair]:
        """Return the pairs that the step takes, of those that it was given; for a subclass."""
        aggregate = self._settings.aggregator
        return grads_and_vars if aggregate is None else aggregate(grads_and_vars)

    def get_gradients(self, loss: Any, params: Any) -> list[Grad]:
        """Return the gradients of ``loss``, a function, or in a graph a Tensor, by ``params``.

        Raises:
            ValueError: the loss does not depend on a Variable among them.
        """
        variables = flatten("params", params)
        graph = graph_of([loss])
        if graph is None:
            return all_gradients(gradients(loss, variables), variables)
        recorded = loss() if callable(loss) else loss
        return all_gradients(RecordedLoss(recorded, graph).gradients(variables), variables)

    def get_updates(self, loss: Any, params: Any) -> list[Any]:
        """Take a step in which all ``params`` must have a gradient; return ``[iterations]``."""
        grads = self.get_gradients(loss, params)
        return [self.apply_gradients(zip(grads, flatten("params", params), strict=True))]

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: dict[str, Any] | None = None,
    ) -> Self:
        """Return an optimizer, without memory, from the result of `get_config`.

        Args:
            config: its arguments; TypeError or ValueError as for the constructor.
            custom_objects: the user's own classes of schedules, by name.
        """
        return cls(**arguments_from_config(config, custom_objects))

    def save(self, path: str | Path, variables: Sequence[Variable] | None = None) -> None:
        """Write the variables and all memory of the optimizer; `write_optimizer` describes it.

        Args:
            path: the file, of the format safetensors; it is replaced whole or not at all.
            variables: those of one model, and any others; None is all that have slots, in the
                order of their first gradients. Slots of those not listed are not in the file.
        """
        variables = self._weights.owners() if variables is None else variables
        # By the method, because a subclass may add arguments of its own to its config.
        write_optimizer(path, self.get_config(), self._weights, self.amsgrad, variables)

    def restore(self, path: str | Path, variables: Sequence[Variable] | None = None) -> None:
        """Resume from a file that `save` wrote, bit for bit; `read_optimizer` describes it.

        Args:
            path: the file.
            variables: as many as were saved, in their order, with the same names, shapes and
                dtypes; None is all that have slots.
        """
        variables = self._weights.owners() if variables is None else variables
        # By the class, because a subclass may have arguments of its own in its config.
        saved = read_optimizer(
            path,
            self._settings,
            self._weights,
            variables,
            lambda config: self.from_config(config)._settings,
        )
        # This may raise; from there on nothing does.
        self._weights.make_iterations(variables)
        self._settings.take(saved.settings)
        # Of two models that share an optimizer, the other keeps its slots.
        replaced = set(self._weights.owners()) if saved.whole else set(variables)
        self._weights.restore(saved.iterations, saved.slots, replaced)
        for variable, param in zip(variables, saved.params, strict=True):
            variable.store(param)
