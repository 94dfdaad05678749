"""The exact trajectory of Adam through calls, in 80-digit decimals, one element at a time.

Written from the paper. It shares nothing with `adamref.step` but the configuration and the axes of
a convention, so that a mistake in one shows in the other. Slow on purpose: about 100 microseconds
an element and step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from typing import Any

from ..config import AdamConfig
from ..convention import Arithmetic, Convention
from .equations import exact_step
from .gradients import clip_exactly
from .records import (
    ZERO,
    AnyMemory,
    ElementsStep,
    Entry,
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
    slots_of,
)
from .rounded import RoundedConfig

# So many that rounding in the oracle is nothing beside any rounding in binary64, of 16 digits.
DIGITS = 80


def trajectory(
    config: AdamConfig,
    convention: Convention,
    arithmetic: Arithmetic,
    dtype: str,
    before: Sequence[Memory],
    calls: Sequence[ExactCall],
    own: Sequence[Mapping[str, Any]] = (),
) -> list[Outcome]:
    """Return the exact trajectory of Adam from ``before`` through ``calls``.

    Args:
        config: its numbers are rounded to the formats of ``arithmetic`` and then used exactly.
        convention: the point on the axes.
        arithmetic: four of its formats round numbers; the fifth, of operations, only widens a
            bound.
        dtype: of the parameters: the format T. With `complex64` or `complex128` the numbers are
            real and imaginary parts in turn.
        before: one Memory a parameter.
        calls: the gradients of each call, used exactly.
        own: one entry a parameter: the numbers of its group, which replace those of ``config``. A
            learning rate of its own stays when a call brings a new one. Empty without groups.

    Returns:
        One Outcome a call.

    Source: Kingma & Ba, arXiv:1412.6980v9, Algorithm 1 and the formula before section 2.1.
    """
    memories: list[AnyMemory] = list(before)
    outcomes = []
    own = own or [{} for _ in before]
    configs = [replace(config, **numbers) for numbers in own]
    with localcontext(Context(prec=DIGITS)):
        for call in calls:
            # A call that raises changes nothing, the learning rate included.
            if _raises(convention, call):
                outcomes.append(Outcome(raises=True, entries=tuple(memories)))
                continue
            if call.learning_rate is not None:
                config = replace(config, learning_rate=call.learning_rate)
                configs = [replace(config, **numbers) for numbers in own]
            if call.is_skipped:
                outcomes.append(Outcome(raises=False, entries=tuple(memories)))
                continue
            # Most parameters have the same numbers, and few calls bring new ones.
            by_config = {
                one: RoundedConfig(one, convention, arithmetic, dtype) for one in set(configs)
            }
            rounded = [by_config[one] for one in configs]
            entries = _entries_after(config, call, memories, rounded, convention)
            memories = [_memory_after(entry) for entry in entries]
            outcomes.append(Outcome(raises=False, entries=tuple(entries)))
    return outcomes


def start(params: Sequence[Sequence[float]], amsgrad: bool) -> list[Memory]:
    """Return the memories before the first step."""
    memories = []
    for param in params:
        zeros = (ZERO,) * len(param)
        memory = Memory(
            t=0,
            param=tuple(map(Decimal, param)),
            m=zeros,
            v=zeros,
            v_max=zeros if amsgrad else (),
        )
        memories.append(memory)
    return memories


def _entries_after(
    config: AdamConfig,
    call: ExactCall,
    memories: Sequence[AnyMemory],
    rounded: Sequence[RoundedConfig],
    convention: Convention,
) -> list[Entry]:
    """Return an entry for each parameter after a call that does not raise."""
    # First the gradients. Slices without rows count as one here, even if they are ignored below.
    nothing = all(grad is None for grad in call.grads)
    present = list(call.grads)
    for place, given in enumerate(call.grads):
        if _is_ignored(convention, given):
            present[place] = None
    # Then L2 and clips, in the order of the convention.
    pairs = zip(memories, rounded, strict=True)
    l2 = [_l2_before_clips(memory, numbers) for memory, numbers in pairs]
    # Limits are those of the config: a norm of all gradients crosses groups.
    grads = clip_exactly(config, convention, present, l2)
    # Last the steps.
    entries: list[Entry] = []
    for memory, grad, numbers in zip(memories, grads, rounded, strict=True):
        if grad is None:
            entries.append(_skip(memory, convention, nothing))
        else:
            entries.append(_step_parameter(memory, grad, numbers))
    return entries


def _memory_after(entry: Entry) -> AnyMemory:
    if isinstance(entry, (Memory, RowMemory)):
        return entry
    return entry.after


def _raises(convention: Convention, call: ExactCall) -> bool:
    missing = [grad is None for grad in call.grads]
    # Some conventions need every gradient, others at least one.
    if any(missing) and convention.none_gradient == "error":
        return True
    return all(missing) and convention.all_none == "error"


def _is_ignored(convention: Convention, grad: GivenGradient) -> bool:
    if convention.empty_sparse != "ignored":
        return False
    return isinstance(grad, ExactSlices) and not grad.indices


def _l2_before_clips(memory: AnyMemory, rounded: RoundedConfig) -> Numbers | None:
    """Return the term to add to a gradient before it is clipped, or None."""
    convention = rounded.convention
    if convention.weight_decay != "l2" or convention.clip_when != "after_l2":
        return None
    return rounded.l2(memory.param) if rounded.weight_decay else None


def _skip(memory: AnyMemory, convention: Convention, nothing: bool) -> AnyMemory:
    """Return the memory of a parameter without a gradient; ``nothing``: no parameter has one."""
    # A call without any gradient has an axis of its own, which overrules the other two.
    counts = convention.step_scope == "optimizer" or convention.none_gradient == "skip_but_count"
    if nothing:
        counts = convention.all_none == "count"
    if not counts:
        return memory
    if isinstance(memory, RowMemory):
        return memory._replace(t=tuple(t + 1 for t in memory.t))
    return memory._replace(t=memory.t + 1)


def _step_parameter(memory: AnyMemory, gradient: Gradient, rounded: RoundedConfig) -> Exact | Split:
    """Return one step on a parameter, or on the rows of it that a sparse gradient moves."""
    all_rows = gradient.summed is None or rounded.convention.sparse == "dense_equivalent"
    if all_rows and isinstance(memory, Memory):
        return exact_step(memory, gradient, rounded)
    return _step_rows(memory, gradient, rounded)


def _step_rows(memory: AnyMemory, gradient: Gradient, rounded: RoundedConfig) -> Split:
    """Return one step on some rows; rows that have taken equally many steps take it together."""
    counts = memory.t if isinstance(memory, RowMemory) else (memory.t,) * gradient.row_count
    # A dense gradient comes here only if each row has its own t; then it moves all rows.
    rows = tuple(range(len(counts))) if gradient.summed is None else gradient.rows
    width = len(memory.param) // max(1, len(counts))

    # Rows move alone, so each group may read the memory before the step.
    parts = []
    slots = [list(slot) for slot in slots_of(memory)]
    for t in sorted({counts[row] for row in rows}):
        together = [row for row in rows if counts[row] == t]
        elements = _elements_of(together, width)
        before = memory_of_elements(memory, elements, t)
        step = exact_step(before, gradient.elements(elements), rounded)
        parts.append(ElementsStep(elements, step))
        for slot, numbers in zip(slots, slots_of(step.after), strict=True):
            _write(slot, elements, numbers)
    param, m, v, v_max = map(tuple, slots)

    if rounded.convention.sparse == "lazy_row_t":
        row_t = tuple(_count(t, row in rows) for row, t in enumerate(counts))
        after_rows = RowMemory(row_t, param, m, v, v_max)
        return Split(after_rows, tuple(parts))
    # All other conventions count for the parameter as a whole.
    assert isinstance(memory, Memory)
    after = Memory(memory.t + 1, param, m, v, v_max)
    return Split(after, tuple(parts))


def _count(t: int, moves: bool) -> int:
    return t + 1 if moves else t


def _elements_of(rows: Sequence[int], width: int) -> tuple[int, ...]:
    """Return the elements of some rows."""
    return tuple(row * width + column for row in rows for column in range(width))


def _write(slot: list[Decimal], elements: Sequence[int], numbers: Numbers) -> None:
    """Write numbers at some elements; without AMSGrad the slot v_max has none."""
    if not slot:
        return
    for element, number in zip(elements, numbers, strict=True):
        slot[element] = number
