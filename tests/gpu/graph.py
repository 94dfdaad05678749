"""A step captured in a graph of PyTorch, and the kernels under compute-sanitizer."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from adamref import AdamConfig
from adamref.kernels.cuda import FusedAdam
from tests.gpu.arrays import Reference, compare, draw
from tests.gpu.bits import result


class Held:
    """A tensor of float32, as `compare` reads it."""

    def __init__(self, tensor):
        self.tensor = tensor

    def get(self):
        return self.tensor.cpu().numpy()


def captured(sizes):
    """Replays and plain steps in turn, each with other gradients."""
    import torch

    rng = np.random.default_rng(6)
    config = AdamConfig(amsgrad=True)
    lengths = [1, sizes["small"]]
    values = [draw(rng, length, "float32") for length in lengths]
    references = [Reference(param, "float32", config, "torch") for param in values]
    params = [torch.from_numpy(param).cuda() for param in values]
    static = [torch.zeros_like(param) for param in params]
    other = [torch.zeros_like(param) for param in params]
    fused = FusedAdam(params, config, "torch")
    graph = torch.cuda.CUDAGraph()
    wrong = {}

    def both(grads, take, name):
        for grad, reference in zip(grads, references, strict=True):
            drawn = draw(rng, len(grad), "float32")
            grad.copy_(torch.from_numpy(drawn))
            reference.step(drawn)
        take()
        torch.cuda.synchronize()
        for at, (reference, param) in enumerate(zip(references, params, strict=True)):
            wrong[f"{name}, parameter {at}"] = compare(reference, Held(param), fused, at)

    both(other, lambda: fused.step(other), "before")
    fused.reserve()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        fused.step(static)
    for at in range(50):
        both(static, graph.replay, f"replay {at}")
        if at % 10 == 9:
            both(other, lambda: fused.step(other), f"step after replay {at}")
    counted = fused.t
    return result(wrong, sum(lengths)) | {
        "t": counted,
        "ok": counted == 56 and not any(wrong.values()),
    }


def sanitized(sizes):
    """compute-sanitizer on all of this with small sizes; it finds accesses beyond an array."""
    folders = [
        os.environ.get("PATH", ""),
        "/usr/local/cuda/bin",
        "/usr/local/cuda/compute-sanitizer",
    ]
    tool = shutil.which("compute-sanitizer", path=os.pathsep.join(folders))
    if tool is None:
        return {"ok": True, "not run": "there is no compute-sanitizer"}
    command = [
        tool,
        "--error-exitcode",
        "9",
        sys.executable,
        "-m",
        "tests.gpu",
        "--small",
        "--only",
        "unaligned,many",
    ]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=sizes["patience"]
    )
    return {
        "ok": done.returncode == 0,
        "status": done.returncode,
        "says": (done.stdout + done.stderr)[-2000:],
    }
