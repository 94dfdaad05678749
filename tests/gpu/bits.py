"""The bits of the kernels beside those of the reference."""

import numpy as np
from numba import cuda

from adamref import AdamConfig, Convention
from adamref.kernels.cuda import FusedAdam, run
from adamref.kernels.element import kernel_numbers
from adamref.kernels.job import Job
from adamref.scalars import scalars
from tests.gpu.arrays import WIDE, WORDS, Reference, View, compare, differences, draw, placed

CASES = {
    "paper": ("paper", {}),
    "paper amsgrad": ("paper", {"amsgrad": True}),
    "tf1": ("tf1", {}),
    "tfkeras amsgrad": ("tfkeras", {"amsgrad": True}),
    "torch l2 maximize": ("torch", {"weight_decay": 0.1, "maximize": True}),
    "torch-adamw amsgrad": ("torch-adamw", {"weight_decay": 0.1, "amsgrad": True}),
    "optax amsgrad": ("optax", {"amsgrad": True, "epsilon_root": 1e-6}),
    "inside": (Convention(epsilon="inside"), {}),
}
STEPS = 3


def agree(seed, sizes, storage, case, offset=0, steps=STEPS):
    """Differences after each step, by step and parameter."""
    convention, switches = CASES[case]
    config = AdamConfig(learning_rate=0.01, **switches)
    rng = np.random.default_rng(seed)
    params = [draw(rng, size, storage) for size in sizes]
    references = [Reference(param, storage, config, convention) for param in params]
    views = placed(params, storage, offset)
    grads = placed([np.zeros(size, WORDS[storage]) for size in sizes], storage, offset)
    fused = FusedAdam(views, config, convention)
    wrong = {}
    for t in range(1, steps + 1):
        for reference, grad in zip(references, grads, strict=True):
            values = draw(rng, reference.param.size, storage)
            grad.put(values)
            reference.step(values)
        fused.step(grads)
        for at, (reference, view) in enumerate(zip(references, views, strict=True)):
            if found := compare(reference, view, fused, at):
                wrong[f"step {t}, parameter {at}"] = found
    return wrong


def result(wrong, elements):
    return {
        "ok": not any(wrong.values()),
        "elements": elements,
        "wrong": {k: v for k, v in wrong.items() if v},
    }


def large(sizes):
    """Every storage and convention; about 130 million elements."""
    chunk = sizes["chunk"]
    wrong = {}
    elements = 0
    for seed, storage in enumerate(WORDS):
        for case in CASES:
            wrong[f"{storage}, {case}"] = agree([1, seed], [chunk + 3], storage, case)
            elements += chunk + 3
    return result(wrong, elements)


def many(sizes):
    """Many small parameters in one launch, some of them empty."""
    rng = np.random.default_rng(2)
    wrong = {}
    elements = 0
    for storage in WORDS:
        lengths = rng.integers(0, sizes["small"], sizes["many"]).tolist()
        wrong[storage] = agree([2], lengths, storage, "paper amsgrad")
        elements += sum(lengths)
    return result(wrong, elements)


def unaligned(sizes):
    """Arrays that do not start at 16 bytes."""
    wrong = {}
    for storage in WORDS:
        for offset in (1, 2, 3):
            wrong[f"{storage} + {offset}"] = agree(
                [3], [0, 1, sizes["small"]], storage, "paper amsgrad", offset
            )
    return result(wrong, 12 * (sizes["small"] + 1))


def saved(sizes):
    """A state goes to the host after one step and on in other arrays, beside steps of all."""
    wrong = {}
    lengths = [0, 1, sizes["small"]]
    for seed, storage in enumerate(WORDS):
        rng = np.random.default_rng([7, seed])
        config = AdamConfig(learning_rate=0.01, amsgrad=True)
        params = [draw(rng, length, storage) for length in lengths]
        references = [Reference(param, storage, config, "paper") for param in params]
        first = placed(params, storage)
        grads = placed([np.zeros(length, WORDS[storage]) for length in lengths], storage)
        fused = FusedAdam(first, config)
        others = placed([np.zeros(length, WORDS[storage]) for length in lengths], storage)
        on = FusedAdam(others, config)
        for t in range(1, STEPS + 1):
            for reference, grad in zip(references, grads, strict=True):
                values = draw(rng, reference.param.size, storage)
                grad.put(values)
                reference.step(values)
            if t == 1:
                fused.step(grads)
                on.restore(fused.save())
            else:
                on.step(grads)
            for at, (reference, view) in enumerate(zip(references, others, strict=True)):
                if found := compare(reference, view, on, at):
                    wrong[f"{storage}, step {t}, parameter {at}"] = found
    return result(wrong, len(WORDS) * sum(lengths))


def host(sizes):
    """`run`, on arrays of the host, with squares of their own."""
    rng = np.random.default_rng(4)
    wrong = {}
    jobs = []
    references = []
    for storage in ("float32", "float64"):
        for at in range(8):
            param, grad = (draw(rng, sizes["small"] + at, storage) for _ in range(2))
            reference = Reference(param, storage, AdamConfig(amsgrad=at % 2 == 1), "optax")
            state = [np.zeros(param.shape, WIDE[storage]) for _ in range(3)]
            s = scalars(
                reference.config, reference.convention, reference.arithmetic, 1, state[0].dtype
            )
            own = kernel_numbers(reference.config, reference.convention, s)
            with np.errstate(all="ignore"):
                square = grad * grad if at % 4 < 2 else None
            jobs.append(Job(own, param, grad, square, *state[:2], state[2] if at % 2 else None))
            references.append((reference, storage))
    run(jobs)
    for at, ((reference, storage), job) in enumerate(zip(references, jobs, strict=True)):
        reference.step(job.grad)
        wrong[str(at)] = differences(reference.param, job.param, storage)
        wrong[f"{at} v"] = differences(reference.state.v, job.v, storage)
    return result(wrong, sum(job.param.size for job in jobs))


def huge(sizes):
    """More than 2^31 elements, random where offsets pass 2^31 and 2^32 bytes, else zero."""
    size = sizes["huge"]
    storage = "float16"
    free = cuda.current_context().get_memory_info()[0]
    if free < 13 * size:
        return {"ok": True, "not run": f"{13 * size:,} bytes of memory needed, {free:,} free"}
    rng = np.random.default_rng(5)
    config = AdamConfig()
    length = sizes["small"]
    edges = [2**29, 2**30, 2**31]  # 2^31 and 2^32 bytes of 4 or 2 bytes each, and 2^31 elements
    starts = [0, *(edge - length // 2 for edge in edges if edge + length < size), size - length]
    arrays = [cuda.to_device(np.zeros(size, np.uint16)) for _ in range(2)]
    params = [View(arrays[0], at, length, storage) for at in starts]
    grads = [View(arrays[1], at, length, storage) for at in starts]
    references = []
    for param in params:
        param.put(values := draw(rng, length, storage))
        references.append(Reference(values, storage, config, "paper"))
    whole, whole_grad = (View(array, 0, size, storage) for array in arrays)
    fused = FusedAdam([whole], config)
    wrong = {}
    for t in range(1, STEPS + 1):
        for reference, grad in zip(references, grads, strict=True):
            grad.put(values := draw(rng, length, storage))
            reference.step(values)
        fused.step([whole_grad])
        for at, (start, param, reference) in enumerate(
            zip(starts, params, references, strict=True)
        ):
            wrong[f"step {t}, slice {at}"] = differences(reference.param, param.get(), storage)
            for name in ("m", "v"):
                got = getattr(fused, name)[0][start : start + length].copy_to_host()
                wrong[f"step {t}, slice {at} of {name}"] = differences(
                    getattr(reference.state, name), got, "float32"
                )
    return result(wrong, size)
