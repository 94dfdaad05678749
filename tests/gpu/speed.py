"""Times of steps: next to a copy of the same memory and to PyTorch's fused Adam, in one run."""

import time

import numpy as np
from numba import cuda

from adamref import AdamConfig
from adamref.kernels.cuda import FusedAdam
from tests.gpu.arrays import WORDS, View

# Bytes that a step moves for each element: param, m and v there and back, and the gradient.
MOVED = {"float32": 28, "float64": 56, "float16": 22, "bfloat16": 22}
ROUNDS = 5


def seconds(work, least=0.05):
    """Seconds of one call on the device: the best of some rounds of enough calls."""
    for _ in range(3):
        work()
    calls = 4
    best = float("inf")
    for at in range(ROUNDS + 1):
        start = cuda.event()
        stop = cuda.event()
        start.record()
        for _ in range(calls):
            work()
        stop.record()
        stop.synchronize()
        taken = cuda.event_elapsed_time(start, stop) / 1000 / calls
        if at == 0:
            calls = max(calls, min(2000, int(least / taken)))
        else:
            best = min(best, taken)
    return best


def host_seconds(work, calls=200):
    """Seconds that one call keeps the host, with nothing to wait for: the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        cuda.synchronize()
        started = time.perf_counter()
        for _ in range(calls):
            work()
        best = min(best, (time.perf_counter() - started) / calls)
    cuda.synchronize()
    return best


def free_memory():
    return cuda.current_context().get_memory_info()[0]


def copied(sizes):
    """Bytes per second of a copy within the device, read and written."""
    size = min(2**30, free_memory() // 4)
    one, other = (cuda.device_array(size, np.uint8) for _ in range(2))
    stream = cuda.external_stream(0)
    taken = seconds(lambda: other.copy_to_device(one, stream=stream))
    return {"ok": True, "bytes": size, "GB/s": 2 * size / taken / 1e9}


def zeros(size, storage):
    view = View(cuda.device_array(size, WORDS[storage]), 0, size, storage)
    cuda.cudadrv.driver.device_memset(view.array, 0, view.array.nbytes)
    return view


def one_tensor(sizes):
    """Steps of one tensor."""
    rate = copied(sizes)["GB/s"]
    rows = []
    for size in sizes["speed"]:
        for storage in WORDS:
            if 1.1 * size * MOVED[storage] > free_memory():
                rows.append({"elements": size, "storage": storage, "not run": "too little memory"})
                continue
            param = zeros(size, storage)
            grad = zeros(size, storage)
            fused = FusedAdam([param])
            taken = seconds(lambda fused=fused, grad=grad: fused.step([grad]))
            reached = size * MOVED[storage] / taken / 1e9
            rows.append({"elements": size, "storage": storage, "us": taken * 1e6, "GB/s": reached})
            rows[-1]["of copy"] = reached / rate
            del param, grad, fused
            cuda.current_context().deallocations.clear()
    return {"ok": True, "copy GB/s": rate, "rows": rows}


def beside_torch(sizes):
    """One tensor, and many, beside torch.optim.Adam(fused=True); the same tensors, float32."""
    import torch

    rng = np.random.default_rng(7)
    rows = []
    sets = {f"1 of {size:,}": [size] for size in sizes["speed"]}
    sets[f"{sizes['many']:,} of 1,000"] = [1000] * sizes["many"]
    sets[f"{sizes['many']:,} of 1,000 to 100,000"] = (
        (10 ** rng.uniform(3, 5, sizes["many"])).astype(int).tolist()
    )
    for name, lengths in sets.items():
        if 1.1 * 24 * sum(lengths) > torch.cuda.mem_get_info()[0]:
            rows.append({"tensors": name, "not run": "too little memory"})
            continue
        params = [torch.zeros(length, device="cuda", requires_grad=True) for length in lengths]
        for param in params:
            param.grad = torch.ones_like(param)
        rows.append({"tensors": name} | _beside(torch, params, sum(lengths)))
        del params, param
        torch.cuda.empty_cache()
        cuda.current_context().deallocations.clear()
    return {"ok": True, "rows": rows}


def _beside(torch, params, size):
    """Times of ours and of PyTorch's, in turn."""
    ours = FusedAdam(params, AdamConfig(), "torch")
    theirs = torch.optim.Adam(params, fused=True)

    def our_step():
        ours.step([param.grad for param in params])

    calls = 200 if len(params) < 10 else 20
    found = {"ours": [], "torch": []}
    for _ in range(2):
        for name, step in (("ours", our_step), ("torch", theirs.step)):
            found[name].append((seconds(step), host_seconds(step, calls) if size < 10**8 else None))
    best = {}
    for name, times in found.items():
        best[name] = min(taken for taken, _ in times)
    host = {
        f"{name} host us": min(held for _, held in times) * 1e6
        for name, times in found.items()
        if times[0][1]
    }
    row = {f"{name} us": taken * 1e6 for name, taken in best.items()} | host
    return row | {
        "ours GB/s": 28 * size / best["ours"] / 1e9,
        "torch / ours": best["torch"] / best["ours"],
    }


def launches(sizes):
    """What a step keeps the host, with a parameter of 1,000 elements."""
    param = zeros(1000, "float32")
    grad = zeros(1000, "float32")
    fused = FusedAdam([param])
    grads = [grad]
    fused.step(grads)
    return {"ok": True, "host us": host_seconds(lambda: fused.step(grads)) * 1e6}
