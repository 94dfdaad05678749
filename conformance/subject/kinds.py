"""Kinds: what a class of a library is decides the adapter through which it is a subject.

No library is imported to find that out: the names of a class's bases say it.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module, metadata
from typing import Any, NamedTuple

from ..process.signals import from_outside
from .messages import text_or
from .shipped import ADAPTERS
from .subject import Make, SubjectError, signature_of


class OptimizerKind(NamedTuple):
    """A kind of optimizer.

    Fields:
        module, base: where the class is that all optimizers of the kind have among their bases, or
            that the functions of the kind return.
        adapter: the module in `subjects.kinds` that makes subjects of them.
    """

    module: str
    base: str
    adapter: str


KINDS = (
    OptimizerKind("torch.optim.optimizer", "Optimizer", "torch_optimizer"),
    OptimizerKind("optax._src.base", "GradientTransformation", "optax_factory"),
    OptimizerKind("keras.src.optimizers.base_optimizer", "BaseOptimizer", "keras_optimizer"),
    OptimizerKind("tf_keras.src.optimizers.optimizer", "_BaseOptimizer", "tfkeras_optimizer"),
    OptimizerKind("tf_keras.src.optimizers.legacy.optimizer_v2", "OptimizerV2", "tfkeras_legacy"),
    OptimizerKind("tensorflow.python.training.optimizer", "Optimizer", "tf1_optimizer"),
    OptimizerKind("mlx.optimizers.optimizers", "Optimizer", "mlx_optimizer"),
    OptimizerKind("tinygrad.nn.optim", "Optimizer", "tinygrad_optimizer"),
    OptimizerKind("paddle.optimizer.optimizer", "Optimizer", "paddle_optimizer"),
)
_OPTAX = KINDS[1]
# A function whose first argument is a rate takes no parameters, as functions of optax do not.
_RATES = ("learning_rate", "lr", "step_size")
# Longer settings are no settings.
_LONGEST_SETTINGS = 1000


class SubjectName(NamedTuple):
    """A name of a subject in its two parts, as `torch.optim:Adam(fused=True)`.

    Fields:
        target: `module:attribute`.
        settings: arguments that the class gets in all runs.
    """

    target: str
    settings: Mapping[str, Any]


def read_settings(name: str) -> SubjectName:
    """Return the parts of a name; nothing in it is evaluated but literals.

    Raises:
        ValueError: what is in parentheses are no keyword arguments with literal values.
    """
    target, parenthesis, rest = name.partition("(")
    if not parenthesis:
        return SubjectName(name, {})
    rule = "settings must be NAME=LITERAL, more of them after commas, as in (fused=True)"
    if len(rest) > _LONGEST_SETTINGS:
        raise ValueError(f"{rule}, got {len(rest)} characters")
    try:
        call = ast.parse(f"target({rest}", mode="eval").body
        words = _keywords_of(call)
        settings = {word.arg or "": ast.literal_eval(word.value) for word in words}
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"{rule}, got ({rest}") from None
    if "" in settings or len(settings) < len(words):
        raise ValueError(f"{rule}, each once, got ({rest}")
    return SubjectName(target, settings)


def _keywords_of(call: ast.expr) -> list[ast.keyword]:
    """Return the keyword arguments of one call of a name, which has no others."""
    match call:
        case ast.Call(func=ast.Name(), args=[], keywords=keywords):
            return keywords
    raise ValueError("no call with keyword arguments alone")


def kind_of(made: Any) -> OptimizerKind | None:
    """Return the kind of a class or function, or None if it is of none."""
    # What it is may be code of the subject.
    try:
        return _kind_of(_unwrap(made)[0])
    except BaseException as error:
        if from_outside(error):
            raise
        return None


def adapt(made: Any, kind: OptimizerKind, settings: Mapping[str, Any]) -> Make:
    """Return the function that starts a run of a class or function of a kind.

    Args:
        made: the class or function; functools.partial may have set arguments of it.
        kind: its kind.
        settings: further arguments, which it gets in all runs.

    Raises:
        SubjectError: it is no Adam, or the adapter cannot use it.
    """
    factory, own = _unwrap(made)
    if type(made) is partial and made.args:
        raise SubjectError(
            f"functools.partial must set arguments by name, got {len(made.args)} without"
        )
    adapter = import_module(f"{ADAPTERS}.kinds.{kind.adapter}")
    make: Make = adapter.adapt(factory, {**own, **settings})
    make.version = _version_of(factory)  # type: ignore[attr-defined]
    return make


def written(made: Any, settings: Mapping[str, Any]) -> str:
    """Return the name under which a class can be loaded again; empty if nobody can import it."""
    factory, own = _unwrap(made)
    module = text_or("", lambda: factory.__module__)
    path = text_or("", lambda: factory.__qualname__)
    words = [f"{name}={value!r}" for name, value in {**own, **settings}.items()]
    name = f"{module}:{path}" + (f"({', '.join(words)})" if words else "")
    try:
        found: Any = sys.modules[module]
        for part in path.split("."):
            found = getattr(found, part)
        # Objects have no text that means them.
        return name if found is factory and read_settings(name) else ""
    except (AttributeError, KeyError, ValueError):
        return ""


def _unwrap(made: Any) -> tuple[Any, dict[str, Any]]:
    """Return the function in a functools.partial, and the arguments that it sets by name."""
    return (made.func, made.keywords) if type(made) is partial else (made, {})


def _kind_of(factory: Any) -> OptimizerKind | None:
    if issubclass(type(factory), type):
        return _kind_of_class(factory)
    if not callable(factory):
        return None
    signature = signature_of(factory)
    if signature is None:
        return None
    returned = signature.return_annotation
    # Annotations may be text.
    if isinstance(returned, str) and returned.rpartition(".")[2].startswith(_OPTAX.base):
        return _OPTAX
    if issubclass(type(returned), type) and (kind := _kind_of_class(returned)):
        return kind
    for kind in KINDS:
        if factory.__module__ == kind.module:
            return kind
    is_factory = next(iter(signature.parameters), "") in _RATES
    return _OPTAX if is_factory and "optax" in sys.modules else None


def _kind_of_class(factory: type) -> OptimizerKind | None:
    bases = set(_names_of_bases(factory))
    for kind in KINDS:
        if (kind.module, kind.base) in bases:
            return kind
    return None


def _names_of_bases(factory: type) -> Iterator[tuple[str, str]]:
    for base in factory.__mro__:
        yield base.__module__, base.__name__


def _version_of(factory: Any) -> str:
    """Return the version of the package that a class is from; empty if it says none."""
    name = text_or("", lambda: factory.__module__).partition(".")[0]
    package: Any = sys.modules.get(name)
    said = text_or("", lambda: package.__version__)
    return said or text_or("", lambda: metadata.version(name))
