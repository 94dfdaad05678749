"""python -m tests.benchmarks.cpu: dense steps on processors, beside other Adams in the same run.

Every peer first takes three steps, which must agree with our reference: ours bit for bit. Then they
are timed in paired rounds. Bandwidth counts what Adam must move: four reads and three writes an
element.
"""

import json
import os
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from adamref import Adam
from tests.benchmarks.peers import CONFIG, PEERS, available
from tests.benchmarks.timing import machine, median, ratio, rounds

# Name -> how many parameters of how many elements.
CASES = {
    "1e3": (1, 1_000),
    "1.6e4": (1, 16_000),
    "1e5": (1, 100_000),
    "3e5": (1, 300_000),
    "1e6": (1, 1_000_000),
    "1.7e7": (1, 1 << 24),
    "6.7e7": (1, 1 << 26),
    "1000 x 1e3": (1000, 1_000),
}
SLOW = {"NumPy", "torch single", "optax jitted", "torch foreach"}
BYTES = 28  # of an element of float32: four reads and three writes


def measured(case: str, count: int) -> dict[str, Any]:
    """Seconds a step, by peer, and how they compare with ours."""
    parameters, size = CASES[case]
    rng = np.random.default_rng(0)
    params = [rng.standard_normal(size).astype(np.float32) for _ in range(parameters)]
    grads = [rng.standard_normal(size).astype(np.float32) for _ in range(parameters)]
    names = [name for name in available() if size < 1 << 26 or name not in SLOW]
    peers = {name: PEERS[name](params, grads) for name in names}
    reference = Adam(params, CONFIG, "torch")
    for _ in range(3):
        due = reference.step(grads)
        for peer in peers.values():
            peer.step()
    for name, peer in peers.items():
        for got, want in zip(peer.params(), due, strict=False):
            assert np.allclose(got, want, rtol=1e-5, atol=1e-6), f"{name} took another step"
            assert not name.startswith("adamref") or got.tobytes() == want.tobytes(), (
                f"{name} has other bits"
            )
    times = rounds({name: peer.step for name, peer in peers.items()}, count)
    elements = parameters * size
    return {
        name: {
            "seconds": median(taken),
            "ns an element": median(taken) / elements * 1e9,
            "GB/s": elements * BYTES / median(taken) / 1e9,
            "times ours": ratio(taken, times["adamref"])._asdict(),
            "rounds": taken,
        }
        for name, taken in times.items()
    }


def shown(case: str, found: dict[str, Any]) -> Table:
    table = Table(title=f"{case} elements of float32", title_justify="left", box=None)
    for heading in ("", "us a step", "ns an element", "GB/s", "times ours", "95 %"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, one in found.items():
        times = one["times ours"]
        table.add_row(
            *(
                name,
                f"{one['seconds'] * 1e6:,.1f}",
                f"{one['ns an element']:.3f}",
                f"{one['GB/s']:.1f}",
            ),
            *(f"{times['median']:.2f}", f"{times['low']:.2f} to {times['high']:.2f}"),
        )
    return table


def plot(results: dict[str, Any], path: str) -> None:
    """Nanoseconds an element over the number of elements, a line a peer."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    single = [case for case in results if CASES[case][0] == 1]
    for name in PEERS:
        points = [
            (CASES[case][1], results[case][name]["ns an element"])
            for case in single
            if name in results[case]
        ]
        axes.loglog(*zip(*points, strict=True), marker="o", label=name)
    axes.set(
        xlabel="elements of one parameter, float32",
        ylabel="ns an element",
        title="One step of Adam",
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(path)


@click.command(help=__doc__)
@click.option(
    "--case",
    "cases",
    multiple=True,
    type=click.Choice(list(CASES)),
    help="Only this one; may be repeated.",
)
@click.option("--rounds", "count", default=21, show_default=True)
@click.option(
    "--json", "json_path", type=click.Path(dir_okay=False), help="Write all numbers to a file."
)
@click.option(
    "--plot", "plot_path", type=click.Path(dir_okay=False), help="Draw them; needs matplotlib."
)
def main(cases: tuple[str, ...], count: int, json_path: str | None, plot_path: str | None) -> None:
    console = Console(width=100)
    about = machine("numba", "torch", "jax", "optax")
    about["load before"] = os.getloadavg()[0]
    console.print(about)
    results = {}
    for case in cases or CASES:
        results[case] = measured(case, count)
        console.print(shown(case, results[case]))
    if json_path:
        Path(json_path).write_text(
            json.dumps({"machine": about, "results": results}, indent=1) + "\n"
        )
    if plot_path:
        plot(results, plot_path)


if __name__ == "__main__":
    main()
