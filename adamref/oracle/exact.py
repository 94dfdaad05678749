"""The exact trajectory of Adam through calls, in 80-digit decimals, one element at a time.

Written from the paper. It shares nothing with `adamref.step` but the configuration and the axes of
a convention, so that a mistake in one shows in the other. Slow on purpose: about 100 microseconds
an element and step.
"""

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from .equations import exact_step
from .gradients import clip_exactly
from .records import (
    ZERO,
    ElementsStep,
    Exact,
    ExactCall,
    ExactSlices,
    GivenGradient,
    Gradient,
    Memory,
    Numbers,
    Outcome,
    RowMemory,
    Split,
    memory_of_elements,
)
from .rounded import RoundedConfig

# So many that rounding in the oracle is nothing beside any rounding in binary64, of 16 digits.
DIGITS = 80


def trajectory(
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    dtype: str,
    start: Sequence[Memory],
    calls: Sequence[ExactCall],
) -> list[Outcome]:
    """Return the exact trajectory of Adam from ``start`` through ``calls``.

    Args:
        config: its numbers are rounded to the formats of ``arithmetic`` and then used exactly.
        convention: the point on the axes.
        arithmetic: four of its formats round numbers; the fifth, of operations, only widens a
            bound.
        dtype: of the parameters: the format T.
        start: one Memory a parameter.
        calls: the gradients of each call, used exactly.

    Returns:
        One Outcome a call.

    Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1 and the formula before section 2.1.
    """
    memories: list[Memory | RowMemory] = list(start)
    outcomes = []
    learning_rate = config.learning_rate
    with localcontext(Context(prec=DIGITS)):
        for call in calls:
            # A call that raises changes nothing, the learning rate included.
            if _raises(convention, call):
                outcomes.append(Outcome(True, tuple(memories)))
                continue
            if call.learning_rate is not None:
                learning_rate = call.learning_rate
            rounded = RoundedConfig(config, convention, arithmetic, dtype, learning_rate)
            entries = _entries_after(call, memories, rounded)
            memories = [_memory_after(entry) for entry in entries]
            outcomes.append(Outcome(False, tuple(entries)))
    return outcomes


def start(params: Sequence[Sequence[float]], amsgrad: bool) -> list[Memory]:
    """Return the memories before the first step."""
    memories = []
    for param in params:
        zeros = (ZERO,) * len(param)
        v_max = zeros if amsgrad else ()
        memories.append(Memory(0, tuple(map(Decimal, param)), zeros, zeros, v_max))
    return memories


def _entries_after(
    call: ExactCall, memories: Sequence[Memory | RowMemory], rounded: RoundedConfig
) -> list[Exact | Split | Memory | RowMemory]:
    """Return an entry for each parameter after a call that does not raise."""
    convention = rounded.convention
    # A gradient without rows is a gradient in this count, also where it is ignored below.
    nothing = all(grad is None for grad in call.grads)
    given = [None if _is_ignored(convention, grad) else grad for grad in call.grads]
    l2 = [rounded.l2(memory.param) for memory in memories] if _clips_l2(rounded) else []
    grads = clip_exactly(rounded.config, convention, given, l2)
    entries: list[Exact | Split | Memory | RowMemory] = []
    for memory, grad in zip(memories, grads, strict=True):
        if grad is None:
            entries.append(_skip(memory, convention, nothing))
        else:
            entries.append(_step_parameter(memory, grad, rounded))
    return entries


def _memory_after(entry: Exact | Split | Memory | RowMemory) -> Memory | RowMemory:
    if isinstance(entry, (Memory, RowMemory)):
        return entry
    return entry.after


def _raises(convention: Convention, call: ExactCall) -> bool:
    missing = [grad is None for grad in call.grads]
    if any(missing) and convention.none_gradient == "error":
        return True
    return all(missing) and convention.all_none == "error"


def _is_ignored(convention: Convention, grad: GivenGradient) -> bool:
    if convention.empty_sparse != "ignored":
        return False
    return isinstance(grad, ExactSlices) and not grad.indices


def _clips_l2(rounded: RoundedConfig) -> bool:
    """Return whether L2 is added to the gradients before they are clipped."""
    convention = rounded.convention
    adds = convention.weight_decay == "l2" and rounded.weight_decay != 0
    return adds and convention.clip_when == "after_l2"


def _skip(memory: Memory | RowMemory, convention: Convention, nothing: bool) -> Memory | RowMemory:
    """Return the memory of a parameter without a gradient; ``nothing``: no parameter has one."""
    counts = convention.step_scope == "optimizer" or convention.none_gradient == "skip_but_count"
    if nothing:
        counts = convention.all_none == "count"
    if not counts:
        return memory
    if isinstance(memory, RowMemory):
        return memory._replace(t=tuple(t + 1 for t in memory.t))
    return memory._replace(t=memory.t + 1)


def _step_parameter(
    memory: Memory | RowMemory, gradient: Gradient, rounded: RoundedConfig
) -> Exact | Split:
    """Return one step on a parameter, or on the rows of it that a sparse gradient moves."""
    all_rows = gradient.summed is None or rounded.convention.sparse == "dense_equivalent"
    if all_rows and isinstance(memory, Memory):
        return exact_step(memory, gradient, rounded)
    return _step_rows(memory, gradient, rounded)


def _step_rows(memory: Memory | RowMemory, gradient: Gradient, rounded: RoundedConfig) -> Split:
    """Return one step on some rows; rows that have taken equally many steps take it together."""
    counts = memory.t if isinstance(memory, RowMemory) else (memory.t,) * gradient.row_count
    # A dense gradient comes here only if each row has its own t; then it moves all rows.
    rows = tuple(range(len(counts))) if gradient.summed is None else gradient.rows
    width = len(memory.param) // max(1, len(counts))

    parts = []
    slots = [list(slot) for slot in memory.slots()]
    for t in sorted({counts[row] for row in rows}):
        elements = _elements_of([row for row in rows if counts[row] == t], width)
        before = memory_of_elements(memory, elements, t)
        step = exact_step(before, gradient.elements(elements), rounded)
        parts.append(ElementsStep(elements, step))
        for slot, numbers in zip(slots, step.after.slots(), strict=True):
            _write(slot, elements, numbers)
    param, m, v, v_max = map(tuple, slots)

    if rounded.convention.sparse == "lazy_row_t":
        row_t = tuple(t + 1 if row in rows else t for row, t in enumerate(counts))
        return Split(RowMemory(row_t, param, m, v, v_max), tuple(parts))
    # All other conventions count for the parameter as a whole.
    assert isinstance(memory, Memory)
    return Split(Memory(memory.t + 1, param, m, v, v_max), tuple(parts))


def _elements_of(rows: Sequence[int], width: int) -> tuple[int, ...]:
    """Return the elements of some rows."""
    return tuple(row * width + column for row in rows for column in range(width))


def _write(slot: list[Decimal], elements: Sequence[int], numbers: Numbers) -> None:
    """Write numbers at some elements; without AMSGrad the slot v_max has none."""
    if not slot:
        return
    for element, number in zip(elements, numbers, strict=True):
        slot[element] = number
