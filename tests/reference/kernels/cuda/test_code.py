"""The code that NVVM makes of the CUDA kernels, read without a GPU."""

import ctypes
import re
from collections import Counter
from functools import cache

import llvmlite.binding as llvm
import ml_dtypes
import numpy as np
import pytest
from llvmlite import ir
from numba import cuda

from adamref import Storage
from adamref.dtypes import ITEM_BYTES
from adamref.kernels import halves
from adamref.kernels.cuda.kernel import (
    ARGUMENTS,
    LARGEST,
    SMALLEST,
    KernelKind,
    blocks_for_device,
    step_function,
)
from adamref.kernels.job import StreamDtypes
from tests.support.kernels import same_bits

ARCHITECTURES = [(7, 5), (8, 0), (9, 0), (10, 0)]
# Storage of parameter and gradient -> that of the moments.
STORED = {"float32": "float32", "float64": "float64", "float16": "float32", "bfloat16": "float32"}
KERNELS = [(storage, False, cc) for storage in STORED for cc in ARCHITECTURES]
KERNELS += [(storage, True, (9, 0)) for storage in STORED]


@cache
def ptx(storage, amsgrad, cc, kept=""):
    dtypes = StreamDtypes.of(Storage.parse(kept).for_dtype(storage), storage, storage)
    kind = KernelKind(*dtypes, amsgrad, False)
    code, _ = cuda.compile(
        step_function(kind), cuda.types.void(*ARGUMENTS), device=False, abi="numba", cc=cc
    )
    assert f".target sm_{cc[0]}{cc[1]}" in code
    return code


def accesses(code, what):
    """Count the reads (`ld`) or writes (`st`) of several elements by their bytes."""
    found = re.findall(rf"\b{what}\.global\.v(\d)\.[bfu](\d\d)\b", code)
    return Counter(int(lanes) * int(bits) // 8 for lanes, bits in found)


KEPT = [
    ("bfloat16", "weights=master,m=T"),
    ("bfloat16", "weights=split"),
    ("bfloat16", "weights=compensated,moments=T"),
    ("float16", "weights=compensated,v=T"),
    ("float16", "weights=rounded,moments=T"),
]


@pytest.mark.parametrize(("storage", "kept"), KEPT)
def test_what_is_kept_of_halves_costs_its_bytes_and_no_operation_of_another_rounding(storage, kept):
    code = ptx(storage, False, (9, 0), kept)
    check_operations(code, "float32")
    formats = Storage.parse(kept).formats(storage)
    states = [formats.m, formats.v, *filter(None, [formats.kept])]
    bytes_of = [4 * ITEM_BYTES[dtype] for dtype in states]
    # A master makes the parameter again, so that only its gradient is read.
    halves_read = [8] if formats.kept == "float32" else [8, 8]
    assert accesses(code, "ld") == Counter(halves_read + bytes_of)
    assert accesses(code, "st") == Counter([8, *bytes_of])


@pytest.mark.parametrize(("storage", "amsgrad", "cc"), KERNELS)
def test_operations_are_rounded_once_and_nothing_is_flushed_or_spilled(storage, amsgrad, cc):
    check_operations(ptx(storage, amsgrad, cc), STORED[storage])


def check_operations(code, wide):
    wide = wide.replace("float", "f")
    other = "f32" if wide == "f64" else "f64"
    operations = set(
        re.findall(r"\b(?:add|sub|mul|div|sqrt|fma|mad|rcp|rsqrt)\.[a-z.]*f(?:16|32|64)\b", code)
    )
    due = {f"{name}.rn.{wide}" for name in ("add", "sub", "mul", "div", "sqrt")}
    assert operations == (due - {"sub.rn.f64"})  # which is an addition
    assert ".ftz" not in code
    assert f".{other}" not in code
    assert not re.findall(r"\.local\b|\b(?:call|depot)", code)


@pytest.mark.parametrize(("storage", "amsgrad", "cc"), KERNELS)
def test_four_elements_are_one_access_of_an_array(storage, amsgrad, cc):
    code = ptx(storage, amsgrad, cc)
    moments = 3 if amsgrad else 2
    if storage in ("float16", "bfloat16"):
        reads = {8: 2, 16: moments}
        writes = {8: 1, 16: moments}
    else:
        each = (
            2 if storage == "float64" else 1
        )  # 128 bits are the most that all of these devices have
        reads = {16: (2 + moments) * each}
        writes = {16: (1 + moments) * each}
    assert accesses(code, "ld") == reads
    assert accesses(code, "st") == writes


def test_halves_are_rounded_to_nearest():
    narrowing = re.findall(r"\bcvt\.[a-z.]*f16\.f32", ptx("float16", False, (9, 0)))
    assert set(narrowing) == {"cvt.rn.f16.f32"}


def test_bfloat16_is_rounded_to_nearest_even_and_a_nan_stays_one():
    """The same code, built for the host: NVVM has no conversion of its own on every device."""
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(ir.IntType(16), [ir.FloatType()]), "narrowed")
    builder = ir.IRBuilder(function.append_basic_block())
    builder.ret(halves.narrow(builder, "bfloat16", function.args[0]))
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module)), machine)
    engine.finalize_object()
    narrowed = ctypes.CFUNCTYPE(ctypes.c_uint16, ctypes.c_float)(
        engine.get_function_address("narrowed")
    )
    words = [
        np.arange(0, 2**16, 5, dtype=np.uint32) << 16 | low
        for low in (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF)
    ]
    values = np.concatenate(words).view(np.float32)
    got = np.array([narrowed(value) for value in values.tolist()], np.uint16).view(
        ml_dtypes.bfloat16
    )
    with np.errstate(all="ignore"):
        assert same_bits(got, values.astype(ml_dtypes.bfloat16))


def test_offsets_have_64_bits():
    code = ptx("float32", False, (9, 0))
    addresses = set(re.findall(r"(?:ld|st)\.global\.[^\[]*\[(%\w+?)\d+", code))
    assert addresses == {"%rd"}  # registers of 64 bits
    widened = re.findall(r"\b(cvt|mul\.wide)\.[a-z0-9.]*\s+(%rd\d+), (%r\d+)", code)
    indices = set(re.findall(r"mov\.u32\s+(%r\d+), %(?:tid|ctaid)\.x", code))
    assert {
        narrow for _, _, narrow in widened
    } <= indices  # nothing else has been a number of 32 bits


@pytest.mark.parametrize(
    "sizes", [[0], [1], [SMALLEST, 0, 3], [5, SMALLEST + 1, 7 * SMALLEST], [2**31 + 5], [2**33]]
)
def test_blocks_cover_every_element_once(sizes):
    rows = blocks_for_device(np.array(sizes))
    covered = 0
    for at, size in enumerate(sizes):
        own = rows[rows[:, 0] == at]
        edges = np.append(own[:, 1], size)
        assert (own[:, 2] == edges[1:]).all()
        assert (own[:, 1] % SMALLEST == 0).all()
        assert (edges[:1] == 0).all()
        assert (np.diff(edges) > 0).all() or size == 0
        covered += int((own[:, 2] - own[:, 1]).sum())
    assert covered == sum(sizes)
    assert len(rows) == 0 or (rows[:, 2] - rows[:, 1]).max() <= LARGEST
