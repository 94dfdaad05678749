"""python -m tests.benchmarks.halves: dense steps of bfloat16 weights in each storage, beside torch.

Every peer first takes three steps; ours must have the bits of our reference, and the weights of
torch must be close to ours. Then they are timed in paired rounds. Gradients are bfloat16. Bandwidth
counts what a storage must move: reads and writes of the arrays it keeps. On a machine that does
other work, the fastest rounds on one thread say more than medians.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import ml_dtypes
import numba
import numpy as np
from rich.console import Console
from rich.table import Table

from adamref import Adam, Storage
from adamref.dtypes import ITEM_BYTES
from adamref.kernels.cpu import FusedAdam
from tests.benchmarks.peers import CONFIG, placed
from tests.benchmarks.timing import machine, median, ratio, rounds

Array = np.ndarray[Any, Any]

SIZES = {"1e3": 1_000, "1e5": 100_000, "1e6": 1_000_000, "1.7e7": 1 << 24}
STORAGES = [
    "weights=master",
    "weights=master,moments=T",
    "weights=split",
    "weights=compensated,moments=T",
    "weights=rounded",
    "weights=rounded,moments=T",
]
FIRST = STORAGES[0]
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


class HalfPeer:
    """Fields: step: takes one. weights: what its weights are now, in float32."""

    def __init__(self, step: Callable[[], Any], weights: Callable[[], Array]) -> None:
        self.step = step
        self.weights = weights


def bytes_moved(storage: str) -> int:
    """Bytes of an element that a step reads and writes: all that is kept, and the gradient."""
    formats = Storage.parse(storage).formats("bfloat16")
    param = ITEM_BYTES["bfloat16"]
    state = [formats.m, formats.v, *filter(None, [formats.kept])]
    # A master makes the parameter again, which is therefore not read.
    reads = param if formats.kept == "float32" else 2 * param
    return reads + param + 2 * sum(ITEM_BYTES[dtype] for dtype in state)


def ours(storage: str, param: Array, grad: Array) -> HalfPeer:
    adam = FusedAdam([placed(param)], CONFIG, "torch", storage=storage)
    reference = Adam([param], CONFIG, "torch", storage=storage)
    for _ in range(3):
        adam.step([grad])
        reference.step([grad])
    assert adam.params[0].tobytes() == reference.params[0].tobytes(), f"{storage} has other bits"
    given = [grad]
    return HalfPeer(lambda: adam.step(given), lambda: adam.params[0].astype(np.float32))


def tensor(array: Array) -> Any:
    """A tensor of torch in the memory of an array of bfloat16."""
    import torch

    return torch.from_numpy(placed(array).view(np.int16)).view(torch.bfloat16)


def torch_bfloat16(param: Array, grad: Array) -> HalfPeer:
    """Fused on parameters of bfloat16, whose moments are bfloat16 too."""
    import torch

    leaf = torch.nn.Parameter(tensor(param))
    leaf.grad = tensor(grad)
    adam = torch.optim.Adam([leaf], lr=CONFIG.learning_rate, fused=True)
    for _ in range(3):
        adam.step()
    return HalfPeer(adam.step, lambda: leaf.detach().float().numpy())


def torch_masters(widen: bool) -> Callable[[Array, Array], HalfPeer]:
    """Fused on masters of float32, and a copy to bfloat16; ``widen`` gradients in each step too."""

    def peer(param: Array, grad: Array) -> HalfPeer:
        import torch

        half = tensor(param)
        half_grad = tensor(grad)
        master = torch.nn.Parameter(torch.from_numpy(placed(param.astype(np.float32))))
        master.grad = half_grad.float()
        adam = torch.optim.Adam([master], lr=CONFIG.learning_rate, fused=True)

        def step() -> None:
            if widen:
                master.grad.copy_(half_grad)
            adam.step()
            half.copy_(master.detach())

        for _ in range(3):
            step()
        return HalfPeer(step, lambda: half.float().numpy())

    return peer


TORCH = {
    "torch fused, masters": torch_masters(widen=True),
    "torch fused, masters, float32 gradients": torch_masters(widen=False),
    "torch fused on bfloat16": torch_bfloat16,
}


def measured(size: int, count: int) -> dict[str, Any]:
    """Seconds a step, by peer, and how they compare with our masters."""
    rng = np.random.default_rng(0)
    param = rng.standard_normal(size).astype(BFLOAT16)
    grad = rng.standard_normal(size).astype(BFLOAT16)
    peers = {storage: ours(storage, param, grad) for storage in STORAGES}
    peers |= {name: make(param, grad) for name, make in TORCH.items()}
    due = peers[FIRST].weights()
    for name, peer in peers.items():
        assert np.allclose(peer.weights(), due, rtol=2.0**-6, atol=2.0**-6), f"{name} differs"
    times = rounds({name: peer.step for name, peer in peers.items()}, count)
    found = {}
    for name, taken in times.items():
        found[name] = {
            "seconds": median(taken),
            "ns an element": median(taken) / size * 1e9,
            "times our masters": ratio(taken, times[FIRST])._asdict(),
            "fastest": min(taken),
            "times our fastest": min(taken) / min(times[FIRST]),
            "rounds": taken,
        }
        if name in STORAGES:
            moved = bytes_moved(name)
            found[name] |= {"bytes": moved, "GB/s": size * moved / min(taken) / 1e9}
    return found


def shown(case: str, found: dict[str, Any]) -> Table:
    table = Table(title=f"{case} elements of bfloat16", title_justify="left", box=None)
    for heading in ("", "bytes", "us", "times", "95 %", "fastest us", "times", "GB/s"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, one in found.items():
        times = one["times our masters"]
        table.add_row(
            name,
            str(one.get("bytes", "")),
            f"{one['seconds'] * 1e6:,.1f}",
            f"{times['median']:.2f}",
            f"{times['low']:.2f} to {times['high']:.2f}",
            f"{one['fastest'] * 1e6:,.1f}",
            f"{one['times our fastest']:.2f}",
            f"{one['GB/s']:.1f}" if "GB/s" in one else "",
        )
    return table


@click.command(help=__doc__)
@click.option("--size", "sizes", multiple=True, type=click.Choice(list(SIZES)), help="Only this.")
@click.option("--threads", type=int, help="Of ours and of torch; default: all.")
@click.option("--rounds", "count", default=21, show_default=True)
@click.option("--json", "json_path", type=click.Path(dir_okay=False), help="Write all numbers.")
def main(sizes: tuple[str, ...], threads: int | None, count: int, json_path: str | None) -> None:
    import torch

    if threads:
        numba.set_num_threads(threads)
        torch.set_num_threads(threads)
    console = Console(width=110)
    about = machine("numba", "torch")
    about["threads"] = numba.get_num_threads()
    about["load before"] = os.getloadavg()[0]
    console.print(about)
    results = {}
    for case in sizes or SIZES:
        results[case] = measured(SIZES[case], count)
        console.print(shown(case, results[case]))
    if json_path:
        text = json.dumps({"machine": about, "results": results}, indent=1)
        Path(json_path).write_text(text + "\n")


if __name__ == "__main__":
    main()
