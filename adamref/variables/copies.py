"""Copies and pickles of optimizers, with the slots that they keep for Variables."""

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from functools import partial
from itertools import islice
from types import FunctionType
from typing import Any, Protocol, Self
from weakref import WeakSet

from .variable import Variable, block_of, followers

Slots = dict[str, Variable]


class SlotTable(dict[Variable, Slots]):
    """The slots of each Variable, by name.

    An optimizer uses Variables, but does not own them. So the copy of a table has slots of its own
    for the same Variables. Slots follow a Variable that is copied in the same call, or pickled in
    the same pickle: then they belong to its copy.
    """

    def __init__(self, slots: Iterable[tuple[Variable, Slots]] = ()) -> None:
        super().__init__(slots)
        # Variables whose slots have followed a copy.
        self._left: WeakSet[Variable] = WeakSet()
        # Variables from a pickle that have not been stepped since.
        self._waiting: set[Variable] = set()

    def block(self, variables: Iterable[Variable]) -> AbstractContextManager[Any]:
        """Return the block in which slots of some Variables are made, which is that of all slots.

        Raises:
            ValueError: the Variables, and those with slots, do not belong to one graph, or to none.
        """
        # All others are where the first is.
        return block_of([*variables, *islice(self, 1)])

    def check_known(self, variable: Variable) -> None:
        """Raise ValueError if a step of ``variable`` would silently start without its moments.

        Also if it belongs to another graph than the others.
        """
        self.block([variable])
        if variable in self:
            self._waiting.discard(variable)
            return
        if variable in self._left:
            raise ValueError(
                f"{variable.name} must be the copy that was made together with this optimizer, got "
                "the original; step the copy, or copy the optimizer alone"
            )
        if any(_look_alike(variable, other) for other in self._waiting):
            raise ValueError(
                f"{variable.name} must be the Variable that was pickled with this optimizer, got "
                "another with its name, shape and dtype; pickle both in one list, use save and "
                "restore, or give a new Variable a name of its own"
            )

    def __deepcopy__(self, memo: dict[Any, Any]) -> "SlotTable":
        copied = SlotTable()
        memo[id(self)] = copied
        copied._left.update(self._left)
        copied._waiting.update(self._waiting)
        for variable, slots in self.items():
            copied[variable] = deepcopy(slots, memo)
        for variable in self:
            # The Variable may have been copied already, or it may be copied after the optimizer.
            if id(variable) in memo:
                copied._follow(variable, memo[id(variable)])
            else:
                followers(memo, variable).append(partial(copied._follow, variable))
        return copied

    def __reduce__(self) -> Any:
        return _from_pickle, (list(self.items()),)

    def _follow(self, variable: Variable, copied: Variable) -> None:
        """Give the slots of ``variable`` to its copy."""
        items = list(self.items())
        self.clear()
        # In the same order, which is that of the optimizer's weights.
        for owner, slots in items:
            self[copied if owner is variable else owner] = slots
        self._left.add(variable)
        if variable in self._waiting:
            self._waiting.remove(variable)
            self._waiting.add(copied)


class Numbers(Protocol):
    """Numbers by name."""

    def items(self) -> Iterable[tuple[str, Any]]: ...


class OptimizerCopies:
    """How an optimizer with a `SlotTable` is copied and pickled."""

    # The arguments that may be functions.
    _settings: Numbers

    def __copy__(self) -> Self:
        raise TypeError(
            f"{type(self).__name__} must not be copied by copy.copy, which would share its slots; "
            "use copy.deepcopy"
        )

    def __deepcopy__(self, memo: dict[Any, Any]) -> Self:
        for variable in self._owners():
            # The copy's slots would belong to no graph.
            if variable.graph is not None and id(variable) not in memo:
                raise TypeError(
                    f"{type(self).__name__} must be copied together with its Variables, which "
                    "belong to a graph, and after them: copy.deepcopy([*variables, optimizer])"
                )
        copied = object.__new__(type(self))
        memo[id(self)] = copied
        with self._lock():
            vars(copied).update(deepcopy(vars(self), memo))
        return copied

    def __reduce_ex__(self, protocol: Any) -> Any:
        for name, number in self._settings.items():
            _check_pickling(name, number)
        return super().__reduce_ex__(protocol)

    def _owners(self) -> list[Variable]:
        """Return the Variables that have slots."""
        raise NotImplementedError

    def _lock(self) -> AbstractContextManager[Any]:
        """Return what keeps steps of other threads away."""
        return nullcontext()


def _check_pickling(name: str, number: object) -> None:
    """Raise TypeError if ``number`` is a function that cannot be pickled: pickles hold its name."""
    if not isinstance(number, FunctionType):
        return
    found: Any = sys.modules.get(number.__module__)
    for part in number.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is not number:
        raise TypeError(
            f"{name} must be a function of a module to be pickled, got {number.__qualname__}; "
            "define it by def in a module, or use save and restore"
        )


def _from_pickle(items: list[tuple[Variable, Slots]]) -> SlotTable:
    table = SlotTable(items)
    table._waiting.update(table)
    return table


def _look_alike(one: Variable, other: Variable) -> bool:
    """Return whether two Variables could be taken for each other."""
    return (one.name, one.shape, one.dtype) == (other.name, other.shape, other.dtype)
