"""A subject whose thread flushes subnormal numbers to zero, and the judge, which must not."""

import ctypes
import platform
import shutil
import subprocess
import sys

import numpy as np
import pytest

from conformance import check
from conformance.process.floating_point import flushes_subnormals, own_floating_point
from tests.support.subjects import right

# A library that does nothing; with -ffast-math, loading it is enough.
SOURCE = "double halve(double x) { return x / 2; }"
SUBJECT = """
import ctypes
from adamref import Adam, AdamConfig

{at_import}ctypes.CDLL({library!r})

def make(params, *numbers, **switches):
    ctypes.CDLL({library!r})
    names = ("learning_rate", "beta1", "beta2", "epsilon")
    return Adam(params, AdamConfig(**dict(zip(names, numbers)), **switches))
"""
# Flush results (bit 15) and operands (bit 6); MXCSR is the last word of a fenv_t.
FLUSH = 0x8040
MXCSR = 7
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
needs_x86 = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="needs Linux on x86-64"
)


@needs_gcc
@pytest.mark.parametrize("at_import", ["", "# not yet: "], ids=["import", "later"])
def test_a_subject_of_fast_math_is_judged_and_the_report_says_so(tmp_path, at_import):
    (tmp_path / "fast.c").write_text(SOURCE)
    library = str(tmp_path / "fast.so")
    compiler = ["gcc", "-ffast-math", "-shared", "-fPIC", "-o", library, str(tmp_path / "fast.c")]
    subprocess.run(compiler, check=True)
    (tmp_path / "fast_adam.py").write_text(SUBJECT.format(library=library, at_import=at_import))
    command = [sys.executable, "-m", "conformance", "check", "fast_adam:make"]
    judged = subprocess.run(
        [*command, "--only", "extremes.*"], cwd=tmp_path, capture_output=True, text=True
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "subnormal numbers are flushed to zero" in judged.stdout


@pytest.fixture(name="flush")
def flush_fixture():
    """A function that makes this thread flush subnormals, until the test ends."""
    library = ctypes.CDLL(None)
    before = (ctypes.c_uint32 * 64)()
    library.fegetenv(before)

    def flush():
        changed = (ctypes.c_uint32 * 64)(*before)
        changed[MXCSR] |= FLUSH
        library.fesetenv(changed)

    yield flush
    library.fesetenv(before)


@needs_x86
def test_the_subject_keeps_its_environment_and_the_judge_its_own(flush, suite):
    seen = []

    def make(params, *numbers):
        adam = right(params, *numbers)
        seen.append(flushes_subnormals())
        flush()
        return adam

    report = check(make, only="extremes.f32.*", suite=suite)
    assert report.conformant
    assert report.flushes
    assert seen == [False] + [True] * (len(seen) - 1)
    assert flushes_subnormals()
    with own_floating_point():
        assert not flushes_subnormals()
    assert np.float64(2.0**-1074) * 1 == 0


def test_without_flushing_the_report_says_nothing(suite):
    report = check(right, only="basic.f32.mixed", suite=suite)
    assert report.to_dict()["flushes_subnormals"] is False
