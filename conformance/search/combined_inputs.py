"""Inputs with many features together: one vector for each row of a covering array.

For example, the row with `amsgrad`, `none` and schedule 2 becomes five calls of several parameters,
some with pauses, at a learning rate that changes and returns.
"""

from collections.abc import Sequence
from math import prod

import numpy as np

from ..vectors.inputs import Call, Inputs
from ..vectors.spec import Relation, VectorSpec
from ..vectors.switches import HYPERPARAMETERS, L2_OR_DECOUPLED, TWO_MAXIMA, TWO_PLACES
from ..vectors.words import Array
from .row_gradients import TILE, call_count, gradients_of, is_whole, kind_of
from .rows import RATES, SCHEDULES, Row, config_of

Shapes = Sequence[tuple[int, ...]]
Load = tuple[dict[str, list[Array]], list[int]]

# Every number of dimensions with every class of sizes.
_SMALL: Shapes = (
    *((), (3,), (2, 2), (2, 2, 2), (2, 1, 2, 1), (1, 1, 3, 1, 1)),
    *((64,), (1, 1), (5, 13), (1, 3, 1), (2, 1, 2, 2), (1, 2, 1, 2, 1)),
    *((8,), (8, 8), (1, 1, 1), (3, 3, 7), (1, 1, 3, 1), (2, 2, 1, 2, 1)),
    *((1,), (2, 3), (4, 4, 4), (1, 1, 1, 1), (1, 5, 13, 1), (2, 2, 2, 2, 4)),
    *((4,), (2, 4), (1, 2, 2), (2, 4, 4, 2), (1, 1, 1, 1, 1), (1, 3, 1, 7, 3)),
    *((63,), (32, 32), (8, 8, 16), (4, 4, 8, 8), (4, 4, 4, 4, 4), (1024,)),
)
_LARGE: Shapes = ((65600,), (257, 256), (41, 41, 41), (16, 17, 16, 16), (9, 9, 9, 9, 10))
# How many steps before a start of the row a run begins.
_EARLIER = (0, 2, 3)


def vector_of(row: Row) -> VectorSpec:
    """Return the vector for a row of levels, without answers."""
    calls = call_count(row)
    shapes = _shapes(row)
    params = _params(row, shapes)
    config = config_of(row)
    numbers = {name: config.pop(name) for name in HYPERPARAMETERS}
    pairs = zip(gradients_of(row, shapes, calls), _rates(row, calls), strict=True)
    bits = row["dtype"].removeprefix("float")
    return VectorSpec(
        id=f"together.f{bits}.{row['family']}-{row['number']:02}",
        inputs=Inputs(
            numbers=numbers,
            switches=config,
            params=params,
            calls=[Call(grads, rate) for grads, rate in pairs],
            load=_load(row, params),
        ),
        axes=_axes(row),
        why=f"Features together: {_summary(row)}.",
        flags=["together"],
        source="covering array",
        shapes=shapes,
        tile=None if is_whole(row) else TILE,
        relation=_relation(row, calls),
        cycle=row.get("cycle"),
        after=_calls_with_answers(row, calls),
    )


def _relation(row: Row, calls: int) -> Relation | None:
    """Return what the second run does with its objects, if there is one."""
    match row.get("life"):
        case None | "":
            return None
        case "beside":
            return Relation("beside", other=("numbers",))
        case "twice":
            return Relation("resume", after=calls - 1, also_after=1)
    life = row["life"]
    other = (life,) if life in ("numbers", "params") else ()
    after = 1 + row["number"] % (calls - 1)
    return Relation("resume", after=after, used=life == "used", other=other)


def _rates(row: Row, calls: int) -> Sequence[float | None]:
    """Return the learning rate that each call passes, None to keep the one before."""
    schedule = SCHEDULES[row.get("schedule", 0)]
    base = RATES[row["rate"]]
    other = base * (4 if base > 1 else 2.0**-2) or 2.0**-6
    rates = {"B": base, "O": other, "0": 0.0, "-": None}
    # Without a schedule every call keeps the rate.
    return [rates[letter] for letter in schedule[:calls] or "-" * calls]


def _params(row: Row, shapes: Shapes) -> list[Array]:
    rng = np.random.default_rng(row["seed"])
    params = []
    for number, shape in enumerate(shapes):
        count = prod(shape) if is_whole(row) else min(prod(shape), TILE)
        numbers = rng.integers(-16, 16, count) / 8
        # Small steps are seen beside zero only.
        if number % 2 == 0 or row["rate"] == "tiny":
            numbers *= 0
        for element in range(count):
            if kind_of(row, number, element) == "tiny":
                numbers[element] = 0
        params.append(numbers.astype(row["dtype"]))
    return params


def _load(row: Row, params: Sequence[Array]) -> Load | None:
    """Return a state after some steps, in which the maximum of AMSGrad is above v."""
    if not row.get("start"):
        return None
    rng = np.random.default_rng(row["seed"])
    slots: dict[str, list[Array]] = {"m": [], "v": []}
    for param in params:
        m = (rng.integers(-12, 12, param.size) / 16).astype(param.dtype)
        slots["m"].append(m)
        slots["v"].append(np.square(m) + (rng.integers(1, 8, param.size) / 16).astype(m.dtype))
    if row.get("amsgrad"):
        slots["v_max"] = [2 * v for v in slots["v"]]
    # So many fewer in some rows that step 64 comes in several calls.
    t = row["start"] - _EARLIER[row["number"] % len(_EARLIER)]
    return slots, [t for _ in params]


def _axes(row: Row) -> dict[str, Sequence[str]]:
    axes: dict[str, Sequence[str]] = {**TWO_PLACES}
    if row.get("root"):
        # No other place has a second epsilon.
        axes |= {"epsilon": ["both"]}
    if row.get("amsgrad"):
        axes |= TWO_MAXIMA
    if row.get("none"):
        axes |= {"step_scope": ["optimizer", "parameter"]}
    if row.get("none") and row["count"] <= 1:
        axes |= {"all_none": ["error", "no_op", "count"]}
    if row.get("cycle"):
        # Listed because finding this out would take many long runs.
        axes |= {"bias_correction": ["both"]}
    if row.get("sparse"):
        axes |= {"step_scope": ["optimizer"], "sparse": ["dense_equivalent", "lazy_global_t"]}
    if row["family"] == "torch-sparse":
        axes |= {"step_scope": ["parameter"], "sparse": ["lazy_tensor_t"]}
    if row.get("decay"):
        axes |= L2_OR_DECOUPLED if "torch" in row["family"] else {"weight_decay": ["decoupled"]}
    return axes


def _calls_with_answers(row: Row, calls: int) -> Sequence[int]:
    """Return the calls that have answers: the last one, as what went wrong before it is in it."""
    if row["dtype"] == "float16":
        return range(1, calls + 1)
    if row.get("cycle"):
        # Beside the last, those where counters and masks start again.
        return (64, 256, row["cycle"])
    return (calls,)


def _shapes(row: Row) -> Shapes:
    """Return shapes of a row: every row begins where the one before ended."""
    number = row["number"]
    if row.get("wide"):
        return ((32, 32), (4, 2))
    largest = 2**16
    if is_whole(row):
        largest = 8 if number % 4 else 65
    fitting = [shape for shape in _SMALL if prod(shape) <= largest]
    start = number * 5 + row["seed"] // 1000
    shapes = [fitting[(start + param) % len(fitting)] for param in range(row["count"])]
    if row.get("large") and not is_whole(row):
        # In turn the first, the last, and one between.
        place = (0, len(shapes), 1)[number % 3]
        shapes.insert(place, _LARGE[number % len(_LARGE)])
    return tuple(shapes)


def _summary(row: Row) -> str:
    """Return what is on in a row, in words."""
    names = ("amsgrad", "decay", "maximize", "none", "schedule", "sparse", "root")
    words = [name for name in names if row.get(name)]
    if row.get("life"):
        words.append(f"life {row['life']}")
    if row.get("limit"):
        words.append(row["limit"])
    if row.get("start"):
        words.append(f"a start after about {row['start']:,} steps")
    numbers = f"betas {config_of(row)['beta1']} and {config_of(row)['beta2']}"
    numbers += f", epsilon {row['epsilon']}, rate {row['rate']}"
    return ", ".join([*words, numbers])
