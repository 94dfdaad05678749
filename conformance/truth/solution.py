"""Solutions: the right results of a vector at one point, and the intervals around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..vectors.answer import CHANGE, Answer
from ..vectors.interval import Interval
from ..vectors.spec import VectorSpec
from .exact_state import ExactState
from .intervals import Cell, interval_cell

QUANTITIES = ("params", "m", "v", "v_max")

# By answered call and parameter.
Cells = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, eq=False)
class Solution:
    """The right results at one point of the axes.

    Attributes:
        states: for each answered call the exact state of each parameter.
        raising: the calls that must raise.
        dtypes: quantity -> the format of its numbers.
    """

    states: tuple[tuple[ExactState, ...], ...]
    raising: tuple[int, ...]
    dtypes: Mapping[str, str]
    # Kept, because many points are compared with each other by their cells.
    _cells: dict[str, Cells] = field(default_factory=dict, repr=False)

    @property
    def decides(self) -> bool:
        """Whether some element moved far enough to tell right from wrong."""
        return any(state.decides for row in self.states for state in row)

    def cells(self, quantity: str) -> Cells:
        """Return the intervals of one quantity; equal cells are the same answer.

        Raises:
            ValueError: a bound is infinite.
            OverflowError: an exact result is out of the range of the dtype.
        """
        if quantity not in self._cells:
            rows = (self._cell_row(states, quantity) for states in self.states)
            self._cells[quantity] = tuple(rows)
        return self._cells[quantity]

    def answer(
        self,
        quantity: str,
        when: dict[str, list[str]],
        spec: VectorSpec,
    ) -> Answer:
        """Return the answer for one quantity of the vector ``spec``, which holds for ``when``."""
        dtype = self.dtypes[quantity]
        rows = (_interval_row(cells, dtype) for cells in self.cells(quantity))
        own_dtype = None if dtype == spec.dtype else dtype
        # Parameters in float32 that the vector has in half precision are changes of them.
        name = CHANGE if quantity == "params" and own_dtype else quantity
        return Answer(name, when, spec.shapes, source=tuple(rows), dtype=own_dtype)

    def _cell_row(self, states: Sequence[ExactState], quantity: str) -> tuple[Cell, ...]:
        return tuple(self._cell(state, quantity) for state in states)

    def _cell(self, state: ExactState, quantity: str) -> Cell:
        # The oracle speaks of one parameter, a vector of all of them.
        slot = "param" if quantity == "params" else quantity
        return interval_cell(
            exact=getattr(state.memory, slot),
            radius=getattr(state.radii, slot),
            classes=getattr(state.classes, quantity),
            dtype=self.dtypes[quantity],
        )


def _interval_row(cells: Sequence[Cell], dtype: str) -> tuple[Interval, ...]:
    return tuple(cell.interval(dtype) for cell in cells)
