"""Settings: everything that a user sets of an optimizer of tf.keras."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..config import AdamConfig, python_bool
from ..convention import DEFAULT_EPSILON
from ..schedule import deserialize
from ..variables.numbers import as_number
from ..variables.variable import Variable
from .hyperparameter import HYPERPARAMETERS, Hyperparameter, check_range, number_of_step, to_float

LIMITS = ("clipnorm", "clipvalue", "global_clipnorm")
_OPTIONS = (*LIMITS, "decay", "lr", "gradient_aggregator", "gradient_transformers")
# What other optimizers of tf.keras and Keras 3 have in their configs -> the values that mean an
# Adam without it.
_ABSENT: dict[str, tuple[Any, ...]] = {
    "weight_decay": (None, False, 0),
    "use_ema": (False,),
    "ema_momentum": (0.99,),
    "ema_overwrite_frequency": (None,),
    "loss_scale_factor": (None,),
    "gradient_accumulation_steps": (None,),
    "jit_compile": (False, True),
    "is_legacy_optimizer": (False, True),
}


class Settings:
    """The settings of one optimizer; `Adam` of optimizer.py describes them.

    Attributes:
        name: of the optimizer.
        hyperparameters: the numbers that may also be functions or schedules, by name.
        numbers: epsilon and the limits of clipping, by name; None is no limit.
        decay: of the learning rate.
        amsgrad: whether to divide by the largest second moment so far.
    """

    def __init__(
        self,
        name: str,
        learning_rate: Any,
        beta_1: Any,
        beta_2: Any,
        epsilon: float | None,
        amsgrad: bool,
        options: dict[str, Any],
    ) -> None:
        unknown = sorted(options.keys() - set(_OPTIONS))
        if unknown:
            raise TypeError(
                f"Unexpected keyword argument {', '.join(unknown)}: "
                f"it must be one of {', '.join(_OPTIONS)}"
            )
        if "lr" in options:
            # Level 3 is the line of the user that made the optimizer.
            warnings.warn("lr is deprecated, use learning_rate", stacklevel=3)
            to_float("lr", options["lr"])
            learning_rate = options["lr"]
        self.name = name
        self.amsgrad = python_bool("amsgrad", amsgrad)
        self.hyperparameters = {
            setting: Hyperparameter(setting, name, value)
            for setting, value in zip(HYPERPARAMETERS, (learning_rate, beta_1, beta_2), strict=True)
        }
        self.aggregator, self.transformers = _functions_of(options)
        self.decay = to_float("decay", options.get("decay", 0.0))
        check_range("decay", self.decay)
        self.numbers: dict[str, float | None] = {}
        # tf.keras replaces an epsilon of 0 here. A 0 that is assigned later stays 0.
        self.epsilon_variable: Variable | None = None
        self._assign_number("epsilon", epsilon or DEFAULT_EPSILON)
        for limit in LIMITS:
            self._assign_number(limit, options.get(limit))
        norms = (self.numbers["clipnorm"], self.numbers["global_clipnorm"])
        if None not in norms:
            both = " and ".join(map(str, norms))
            raise ValueError(f"only one of clipnorm and global_clipnorm must be given, got {both}")

    def read(self, name: str) -> Any:
        """Return the value that the optimizer's attribute ``name`` has."""
        if name == "amsgrad":
            return self.amsgrad
        if name in self.hyperparameters:
            return self.hyperparameters[name].read()
        if name == "epsilon" and self.epsilon_variable is not None:
            return self.epsilon_variable
        return self.numbers[name]

    def assign(self, name: str, value: Any) -> None:
        """Set the optimizer's attribute ``name``.

        Raises:
            TypeError, ValueError: ``value`` is not one number, or out of its range. On error, the
                value before is kept.
        """
        if name == "amsgrad":
            self.amsgrad = python_bool(name, value)
        elif name in self.hyperparameters:
            self.hyperparameters[name].assign(value)
        else:
            self._assign_number(name, value)

    def _assign_number(self, name: str, value: Any) -> None:
        """Set epsilon or a limit, after a check."""
        no_limit = value is None and name in LIMITS
        number = None if no_limit else to_float(name, value)
        if name in LIMITS and number is not None and number < 0:
            raise ValueError(f"{name} must be >= 0, got {number!r}")
        arguments: dict[str, Any] = {name: number}
        # Made only to be checked: AdamConfig knows the ranges.
        AdamConfig(**arguments)
        if name in LIMITS and number is not None and self.transformers:
            raise ValueError(
                f"{name} must be None with gradient_transformers, got {number!r}; "
                "let one of them limit the gradients"
            )
        self.numbers[name] = number
        if name == "epsilon":
            # Of a Variable, each step takes the value that it has then.
            self.epsilon_variable = value if isinstance(value, Variable) else None

    def _numbers_now(self) -> dict[str, float | None]:
        if self.epsilon_variable is None:
            return self.numbers
        return self.numbers | {"epsilon": to_float("epsilon", self.epsilon_variable)}

    def items(self) -> list[tuple[str, Any]]:
        """Return the hyperparameters by name, as they were set."""
        return [(name, number.setting) for name, number in self.hyperparameters.items()]

    def take(self, other: "Settings") -> None:
        """Take the numbers of ``other``. Functions and schedules of these settings are kept."""
        for name, hyperparameter in self.hyperparameters.items():
            hyperparameter.take(other.hyperparameters[name])
        self.numbers.update(other.numbers)
        if self.epsilon_variable is not None:
            dtype = self.epsilon_variable.dtype
            self.epsilon_variable.store(dtype.type(self.numbers["epsilon"]))
        self.decay = other.decay

    def to_json(self) -> dict[str, Any]:
        """Return the arguments that make these settings again."""
        config: dict[str, Any] = {"name": self.name}
        # tf.keras leaves out limits that are not set, and so do its files.
        for limit in LIMITS:
            if self.numbers[limit] is not None:
                config[limit] = self.numbers[limit]
        for name, hyperparameter in self.hyperparameters.items():
            config[name] = hyperparameter.to_json()
        config["decay"] = self.decay
        config["epsilon"] = self._numbers_now()["epsilon"]
        config["amsgrad"] = self.amsgrad
        return config

    @np.errstate(all="ignore")
    def config_of_step(self, iterations: int, dtype: "np.dtype[Any]") -> AdamConfig:
        """Return the numbers of the step after ``iterations``, for variables of ``dtype``."""
        taken = dtype.type(iterations)
        learning_rate = self.hyperparameters["learning_rate"]
        rate = learning_rate.read()
        if learning_rate.is_schedule:
            rate = rate(taken)
        rate = number_of_step("learning_rate", rate, dtype)
        if self.decay:
            # Each operation in the dtype of the variable, as in TensorFlow.
            decay = as_number(self.decay).astype(dtype)
            rate = rate / (1 + decay * taken)
        beta_1 = number_of_step("beta_1", self.hyperparameters["beta_1"].read(), dtype)
        beta_2 = number_of_step("beta_2", self.hyperparameters["beta_2"].read(), dtype)
        numbers: dict[str, Any] = self._numbers_now()
        return AdamConfig(
            learning_rate=float(rate),
            beta1=float(beta_1),
            beta2=float(beta_2),
            amsgrad=self.amsgrad,
            **numbers,
        )


def _functions_of(options: Mapping[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """Return the function that gradients pass first, and those that they pass then."""
    aggregator = options.get("gradient_aggregator")
    transformers = tuple(options.get("gradient_transformers") or ())
    for function in (*transformers, *filter(None, [aggregator])):
        if not callable(function):
            raise TypeError(
                "gradient_aggregator and gradient_transformers must be functions of pairs, "
                f"got {function!r}"
            )
    return aggregator, transformers


def arguments_from_config(
    config: Any,
    custom_objects: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the arguments of an optimizer from a config.

    Raises:
        TypeError: ``config`` is no dictionary.
        ValueError: the class of its schedule is unknown.
    """
    if not isinstance(config, Mapping):
        raise TypeError(f"config must be a dictionary, as get_config returns it, got {config!r}")
    arguments = dict(config)
    for name, values in _ABSENT.items():
        if name in arguments and (value := arguments.pop(name)) not in values:
            raise ValueError(f"config must be of an Adam without {name}, got {name} = {value!r}")
    # Configs of old versions have the old name. It is not deprecated there: nothing warns.
    if "lr" in arguments:
        arguments["learning_rate"] = arguments.pop("lr")
    rate = arguments.get("learning_rate")
    if isinstance(rate, dict):
        arguments["learning_rate"] = deserialize(rate, custom_objects)
    return arguments
