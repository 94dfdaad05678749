"""python -m tests.benchmarks.deferred: steps of sparse Adam on a large table, in the steady state.

How long a row has been left behind is drawn from what it is after very many steps with the same
kind of indices, and the numbers of so many steps are there. TensorFlow's Adams have the same
semantics; a lazy step and torch's SparseAdam
move the touched rows alone: other algorithms. What can be compared between machines are the ratios.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numba
import numpy as np

from adamref import Adam, AdamConfig, IndexedSlices
from adamref.kernels.deferred import DeferredTable
from tests.benchmarks import timing
from tests.benchmarks.eager import eager_idle, eager_whole

CONFIG = AdamConfig()
CONVENTION = "tf1"
ROUNDS = 15
BATCHES = 400
STEPS = 4_000
Array = np.ndarray[Any, Any]
Draw = Callable[[np.random.Generator], Array]


def weights(kind: str, rows: int) -> Array:
    """How likely each row is to be named."""
    if kind == "uniform":
        return np.full(rows, 1 / rows)
    found = 1 / np.arange(1, rows + 1.0) ** 1.1
    return np.random.default_rng(0).permutation(found / found.sum())


def batches(likely: Array, touched: int, width: int) -> list[IndexedSlices]:
    rng = np.random.default_rng(1)
    values = [rng.normal(size=(touched, width)).astype(np.float32) for _ in range(4)]
    ends = np.cumsum(likely)
    drawn = (
        np.minimum(np.searchsorted(ends, rng.uniform(size=touched)), len(likely) - 1)
        for _ in range(BATCHES)
    )
    return [
        IndexedSlices(values[at % 4], indices.astype(np.int64)) for at, indices in enumerate(drawn)
    ]


def settled(table: DeferredTable, likely: Array, touched: int) -> DeferredTable:
    """Bring a table into the steady state: moments that gradients left, and rows as far behind."""
    width = table.read([0]).shape[1]
    rng = np.random.default_rng(2)
    for at in range(0, len(likely), 65_536):
        rows = np.arange(at, min(at + 65_536, len(likely)))
        table.apply(IndexedSlices(rng.normal(size=(len(rows), width)).astype(np.float32), rows))
    table.flush()
    for _ in range(STEPS):
        table.apply(IndexedSlices(np.zeros((0, width), np.float32), np.zeros(0, np.int64)))
    hit = -np.expm1(touched * np.log1p(-likely))
    table._last[:] = STEPS - np.minimum(rng.geometric(hit) - 1, STEPS)
    return table


def deferred(
    mode: Any, table: Array, likely: Array, touched: int
) -> Callable[[IndexedSlices], None]:
    return settled(DeferredTable(table, CONFIG, CONVENTION, mode=mode), likely, touched).apply


def lazy(table: Array, *_: Any) -> Callable[[IndexedSlices], None]:
    """Another algorithm: the kernel of mode replay, told that no row is behind."""
    one = DeferredTable(table, CONFIG, CONVENTION)

    def step(slices: IndexedSlices) -> None:
        one._last[slices.indices] = one._steps
        one.apply(slices)

    return step


def tf1(table: Array, *_: Any) -> Callable[[IndexedSlices], None]:
    import tensorflow as tf

    return _tensorflow(tf, tf.compat.v1.train.AdamOptimizer(1e-3), table)


def tf_keras_legacy(table: Array, *_: Any) -> Callable[[IndexedSlices], None]:
    import tensorflow as tf
    import tf_keras

    return _tensorflow(tf, tf_keras.optimizers.legacy.Adam(1e-3, epsilon=CONFIG.epsilon), table)


def _tensorflow(tf: Any, optimizer: Any, table: Array) -> Callable[[IndexedSlices], None]:
    variable = tf.Variable(table)

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
    def traced(values: Any, indices: Any) -> None:
        optimizer.apply_gradients(
            [(tf.IndexedSlices(values, indices, tf.shape(variable)), variable)]
        )

    def step(slices: IndexedSlices) -> None:
        traced(tf.constant(slices.values), tf.constant(slices.indices))

    step.read = variable.numpy  # type: ignore[attr-defined]
    return step


def torch_sparse(table: Array, *_: Any) -> Callable[[IndexedSlices], None]:
    """Another algorithm."""
    import torch

    leaf = torch.nn.Parameter(torch.from_numpy(table.copy()))
    adam = torch.optim.SparseAdam([leaf], lr=1e-3)

    def step(slices: IndexedSlices) -> None:
        indices = torch.from_numpy(slices.indices[None])
        values = torch.from_numpy(slices.values)
        leaf.grad = torch.sparse_coo_tensor(indices, values, leaf.shape, check_invariants=False)
        adam.step()

    return step


PEERS: dict[str, Callable[..., Callable[[IndexedSlices], None]]] = {
    "series": lambda *given: deferred("series", *given),
    "replay": lambda *given: deferred("replay", *given),
    "lazy (other semantics)": lazy,
    "eager, dense gradient": lambda table, *_: eager_whole(table, CONFIG, CONVENTION),
    "eager, no gradient stream": lambda table, *_: eager_idle(table, CONFIG, CONVENTION),
    "tf.compat.v1 AdamOptimizer": tf1,
    "tf_keras legacy Adam": tf_keras_legacy,
    "torch SparseAdam (other semantics)": torch_sparse,
}
NEEDS = {
    "tf.compat.v1 AdamOptimizer": "tensorflow",
    "tf_keras legacy Adam": "tf_keras",
    "torch SparseAdam (other semantics)": "torch",
}


def gate() -> None:
    """Raise AssertionError unless all peers of the same semantics agree: ours in all bits."""
    rng = np.random.default_rng(3)
    start = rng.normal(size=(2000, 64)).astype(np.float32)
    given = batches(weights("zipf", 2000), 64, 64)
    adam = Adam([start], CONFIG, CONVENTION)
    double = Adam([start.astype(np.float64)], CONFIG, CONVENTION)
    replay, series = (
        DeferredTable(start, CONFIG, CONVENTION, mode=mode) for mode in ("replay", "series")
    )
    others = {
        name: PEERS[name](start) for name in ("eager, dense gradient", "eager, no gradient stream")
    }
    others |= {
        name: PEERS[name](start)
        for name in PEERS
        if NEEDS.get(name) in ("tensorflow", "tf_keras") and there(name)
    }
    for slices in given[:150]:
        for step in (
            adam_step(adam),
            adam_step(double),
            replay.apply,
            series.apply,
            *others.values(),
        ):
            step(slices)
    right = adam.params[0]
    exact = double.params[0]
    assert replay.read().tobytes() == right.tobytes()
    for name, step in others.items():
        found = step.read()  # type: ignore[attr-defined]
        if name.startswith("eager"):
            assert found.tobytes() == right.tobytes(), name
        assert np.abs(found - exact).max() < 1e-4, name
    assert np.abs(series.read() - exact).mean() <= np.abs(right - exact).mean()
    assert np.abs(series.read() - exact).max() <= np.abs(right - exact).max()


def adam_step(adam: Adam) -> Callable[[IndexedSlices], None]:
    def step(slices: IndexedSlices) -> None:
        adam.step([slices._replace(values=slices.values.astype(adam.params[0].dtype, copy=False))])

    return step


def there(name: str) -> bool:
    return name not in NEEDS or find_spec(NEEDS[name]) is not None


def measured(kind: str, rows: int, width: int, touched: int) -> dict[str, Any]:
    likely = weights(kind, rows)
    given = batches(likely, touched, width)
    start = np.random.default_rng(4).normal(size=(rows, width)).astype(np.float32)

    def call(name: str) -> Callable[[], None]:
        step = PEERS[name](start, likely, touched)
        turn = _endless(given)
        return lambda: step(next(turn))

    times = timing.rounds({name: call(name) for name in PEERS if there(name)}, ROUNDS)
    once = np.mean([len(np.unique(slices.indices)) for slices in given])
    print(f"\n{kind}: {rows} rows of {width}, {touched} slices of {once:.0f} rows a step")
    print(f"{'':36}{'ms a step':>10}   {'of lazy':28}{'of series':28}{'of replay'}")
    found: dict[str, Any] = {}
    for name, taken in times.items():
        ratios = {
            of: timing.ratio(taken, times[of])
            for of in ("lazy (other semantics)", "series", "replay")
        }
        print(
            f"{name:36}{timing.median(taken) * 1e3:10.3f}   "
            + "".join(f"{ratio!s:28}" for ratio in ratios.values())
        )
        found[name] = {
            "seconds": timing.median(taken),
            "times": taken,
            "ratios": {k: r._asdict() for k, r in ratios.items()},
        }
    return found


def _endless(given: list[IndexedSlices]) -> Iterator[IndexedSlices]:
    return itertools.cycle(given)


def limit(threads: int) -> None:
    numba.set_num_threads(threads)
    if find_spec("torch"):
        import torch

        torch.set_num_threads(threads)
    if find_spec("tensorflow"):
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("rows", 1_000_000), ("width", 64), ("touched", 4_096)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", type=Path, help="file to write everything to")
    parser.add_argument(
        "--threads", type=int, help="how many all peers have; all there are if not given"
    )
    options = parser.parse_args()
    if options.threads:
        limit(options.threads)
    gate()
    size = (options.rows, options.width, options.touched)
    found = {kind: measured(kind, *size) for kind in ("uniform", "zipf")}
    if options.json:
        about = timing.machine("numba", "tensorflow", "tf_keras", "torch") | {
            "threads": numba.get_num_threads()
        }
        options.json.write_text(
            json.dumps({"machine": about, "size": size, "found": found}, indent=1)
        )


if __name__ == "__main__":
    main()
