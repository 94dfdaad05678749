"""Tables after some steps, and their exact continuation in 80-bit extended precision."""

from typing import Any, NamedTuple

import numpy as np

from adamref import Adam, AdamConfig, IndexedSlices
from adamref.convention import Arithmetic
from adamref.kernels.deferred import DeferredTable
from adamref.named_conventions import look_up
from adamref.oracle.records import Memory
from tests.support.deferred_cases import CASES, OPTAX, Case
from tests.support.extended_precision import FastTruth, Long

ROWS = 9
WIDTH = 64
SUMMED = [
    "tf1",
    "tfkeras-amsgrad",
    "paper",
    "paper-amsgrad",
    "paper-no-epsilon",
    "keras3-decay",
    "decay-after",
    "ascent",
]
FAR = {name: CASES[name] for name in SUMMED} | {
    "tf1-large-epsilon": Case(AdamConfig(epsilon=1e-3)),
    "paper-beta2-small": Case(AdamConfig(beta1=0.5, beta2=0.3), "paper"),
    "paper-beta1-large": Case(AdamConfig(beta1=0.99, beta2=0.999), "paper"),
    "no-momentum": Case(AdamConfig(beta1=0.0)),
    "optax-amsgrad": Case(AdamConfig(amsgrad=True), OPTAX, Arithmetic.parse("dddTT")),
}


class Loaded(NamedTuple):
    """A table after ``t`` steps, and the truth of it."""

    table: DeferredTable
    truth: FastTruth
    case: Case


def rate(step):
    """A schedule that warms up and falls, by its own count."""
    return float(1e-3 * (1.1 + np.cos(step / 60)))


def loaded(case, t, folder, mode="series", scale=(-7, 0)):
    """Moments as gradients over some decades leave them; parameters of about 1."""
    rng = np.random.default_rng(t)
    start = rng.normal(size=(ROWS, WIDTH)).astype(np.float32)
    size = 10.0 ** rng.uniform(*scale, start.shape)
    slots = {"m": size * rng.uniform(-2, 2, start.shape), "v": size**2 * (1 - 0.99 ** min(t, 300))}
    if case.config.amsgrad:
        corrected = look_up(*case[1:])[0].amsgrad == "max_corrected"
        least = slots["v"] / (1 - case.config.beta2**t) if corrected else slots["v"]
        slots["v_max"] = least * rng.uniform(1, 2, start.shape)
    slots = {name: slot.astype(np.float32) for name, slot in slots.items()}
    adam = Adam([start], *case)
    adam.load([start], {name: [slot] for name, slot in slots.items()}, [t])
    adam.save(folder / "loaded")
    one = DeferredTable(start, *case, mode=mode)
    one.restore(folder / "loaded")
    convention, arithmetic = look_up(*case[1:])
    truth = FastTruth(case.config, convention, arithmetic, "float32", start)
    v_max = slots.get("v_max", np.zeros_like(start))
    truth.memory = Memory(
        t, *(slot.astype(Long) for slot in (start, slots["m"], slots["v"], v_max))
    )
    return Loaded(one, truth, case)


def go(one, grads):
    """Take steps; a gradient is of every row, or None."""
    letter = look_up(*one.case[1:])[1].code[0]
    for step, grad in enumerate(grads):
        whole = np.zeros((ROWS, WIDTH), np.float32) if grad is None else grad
        one.truth.n["lr"] = Long(np.float32(rate(step)) if letter in "sT" else rate(step))
        one.truth.step(whole)
        indices = np.arange(0 if grad is None else ROWS)
        one.table.apply(IndexedSlices(whole[: len(indices)], indices), rate(step))


def ulps(got, exact):
    """How far float32 numbers are from exact ones, in units of the last place of the exact ones."""
    return (np.abs(got.astype(Long) - exact) / np.spacing(np.abs(exact).astype(np.float32))).astype(
        float
    )


def worst(one) -> dict[str, Any]:
    found = one.table.slots() | {"p": one.table.read()}
    exact = one.truth.memory
    wanted = {"p": exact.param, "m": exact.m, "v": exact.v, "v_max": exact.v_max}
    return {name: ulps(array, wanted[name]).max() for name, array in found.items()}
