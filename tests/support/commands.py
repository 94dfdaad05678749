"""The command line as a process of its own, and subjects that do to it what they must not."""

import os
import subprocess
import sys
from pathlib import Path

ADAMREF = Path(sys.executable).with_name("adamref")

HOSTILE = """
import atexit
import ctypes
import os
import subprocess
import sys

import numpy as np


class Right:
    def __init__(self, params, learning_rate, beta1, beta2, epsilon):
        self.params = params
        self.numbers = (learning_rate, beta1, beta2, epsilon)
        self.m = [np.zeros_like(param) for param in params]
        self.v = [np.zeros_like(param) for param in params]
        self.t = 0

    def step(self, grads):
        self.t += 1
        return [self.update(at, grad) for at, grad in enumerate(grads)]

    def update(self, at, grad):
        rate, beta1, beta2, epsilon = self.numbers
        self.m[at] = beta1 * self.m[at] + (1 - beta1) * grad
        self.v[at] = beta2 * self.v[at] + (1 - beta2) * grad * grad
        m_hat = self.m[at] / (1 - beta1**self.t)
        v_hat = self.v[at] / (1 - beta2**self.t)
        change = rate * m_hat / (np.sqrt(v_hat) + epsilon)
        self.params[at] = (self.params[at] - change).astype(grad.dtype)
        return self.params[at].copy()


class Wrong(Right):
    def step(self, grads):
        return [2 * param for param in super().step(grads)]


class Ends(Right):
    def step(self, grads):
        os._exit(0)


class Replaces(Right):
    def step(self, grads):
        os.execvp(sys.executable, [sys.executable, "-c", ""])


class EndsInC(Right):
    def step(self, grads):
        ctypes.CDLL(None)._exit(0)


class EndsAfterwards(Wrong):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        atexit.register(os._exit, 0)
        atexit.register(ctypes.CDLL(None)._exit, 0)


class EndsAfterwardsInPython(Wrong):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        atexit.register(lambda: os._exit(0))


class Crashes(Right):
    def step(self, grads):
        ctypes.string_at(0)


class Prints(Right):
    def step(self, grads):
        print("printed by Python")
        os.write(1, b"printed by a descriptor\\n")
        subprocess.run(["echo", "printed by a child"])
        return super().step(grads)


class Moves(Right):
    def step(self, grads):
        os.chdir("/")
        return super().step(grads)


class Forgets(Wrong):
    def step(self, grads):
        sys.path.clear()
        sys.modules.clear()
        return super().step(grads)
"""


def hostile_module(folder):
    """Write the subjects above, and return the name of their module."""
    (folder / "hostile.py").write_text(HOSTILE)
    return "hostile"


def run_command(*arguments, cwd, **options):
    """Run `adamref` with these arguments, and return the completed process with its texts."""
    given = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": os.environ | {"COLUMNS": "150"},
        **options,
    }
    return subprocess.run(
        [str(ADAMREF), *map(str, arguments)],
        cwd=cwd,
        check=False,
        **given,
    )
