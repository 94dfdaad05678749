"""The code that LLVM makes of the kernels: packed, exact, without tests for overlap; its cache."""

import os
import platform
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import adamref.kernels.cpu
import adamref.kernels.deferred  # noqa: F401  (both for what they compile)
from adamref import Storage
from adamref.kernels.cpu import compiled, kernel
from adamref.kernels.cpu.constants import Constants
from adamref.kernels.cpu.launch import walk_kind
from adamref.kernels.cpu.memory import STORAGE
from adamref.kernels.job import StreamDtypes
from adamref.kernels.table import TABLE_COLUMNS
from tests.support.kernels import STORAGES
from tests.support.paths import ROOT

# Instructions by what they do; `%` of a packed or scalar one is its format.
PATTERNS = {
    "x86_64": {
        "packed sqrt": r"v?sqrtp[sd]\s+.*[xyz]mm",
        "packed div": r"v?divp[sd]\s+.*[xyz]mm",
        "widening": r"v?cvts[sd]2sd|v?cvtps2pd",
        "fused": r"vf(n)?m(add|sub)\w*",
    },
    "aarch64": {
        "packed sqrt": r"fsqrt\s+v\d+\.[24]",
        "packed div": r"fdiv\s+v\d+\.[24]",
        "widening": r"fcvt\s+d\d+, s|fcvtl2?\s+v\d+\.2d",
        "fused": r"\bf(n)?m(add|sub|la|ls)\b",
    },
}
MACHINE = platform.machine()


def compile_kernels(storage, amsgrad, kept):
    """Compile both kernels for a dtype and a storage, and yield their assembly and LLVM code."""
    state = STORAGE["float64" if storage == "float64" else "float32"]
    table = np.zeros((0, TABLE_COLUMNS), np.int64)
    numbers = np.zeros((1, 14), type(state))
    kind = walk_kind(
        StreamDtypes.of(Storage.parse(kept).for_dtype(storage), storage, storage),
        amsgrad=amsgrad,
        squares=False,
    )
    constants = np.zeros(len(Constants._fields))
    for function, options in ((kernel._serial, {}), (kernel._parallel, {"parallel": True})):
        with mock.patch.object(
            compiled, "_is_writeable", return_value=False
        ):  # what was kept cannot be read
            built = compiled.compile_strict(function, **options)
        built(
            table,
            table[:, :3].copy(),
            numbers,
            constants,
            1,
            *kind,
        )
        library = built.overloads[built.signatures[0]].library
        yield library.get_asm_str(), library.get_llvm_str()


@pytest.fixture(
    scope="module",
    params=[(storage, on, "") for storage in STORAGES for on in (False, True)]
    + [("bfloat16", True, f"weights={w},v=T") for w in ("master", "split", "compensated")]
    + [("float16", False, f"weights={w},m=T") for w in ("rounded", "master", "compensated")],
    ids=str,
)
def code(request):
    storage, amsgrad, kept = request.param
    return storage, list(compile_kernels(storage, amsgrad, kept))


def found(what, text):
    return re.findall(PATTERNS[MACHINE][what], text)


def test_roots_and_quotients_are_packed(code):
    for assembly, _ in code[1]:
        assert found("packed sqrt", assembly)
        assert found("packed div", assembly)


def test_nothing_is_fused(code):
    for assembly, llvm in code[1]:
        assert not found("fused", assembly)
        assert "llvm.fma" not in llvm
        assert not re.search(
            r"\bf(add|sub|mul|div) (fast|nnan|ninf|nsz|arcp|contract|afn|reassoc)", llvm
        )


def loops(assembly):
    """The innermost loops that hold a packed root: from a label to the last jump back to it."""
    labels = {
        label[1]: label.end() for label in re.finditer(r"^(\.?L[\w.$]+):", assembly, re.MULTILINE)
    }
    jumps = re.finditer(
        r"^\s+(?:j\w+|b(?:\.\w+)?|cbn?z\s+\w+,|tbn?z\s+\w+,.*,)\s+(\.?L[\w.$]+)",
        assembly,
        re.MULTILINE,
    )
    spans = [
        (labels[jump[1]], jump.end())
        for jump in jumps
        if labels.get(jump[1], len(assembly)) < jump.start()
    ]
    hot = [(start, end) for start, end in spans if found("packed sqrt", assembly[start:end])]
    inner = [
        one for one in hot if not any(o != one and o[0] >= one[0] and o[1] <= one[1] for o in hot)
    ]
    return [assembly[start:end] for start, end in inner]


def test_the_hot_loops_compute_in_the_format_of_the_moments_and_nothing_but_elements(code):
    storage, texts = code
    for assembly, _ in texts:
        hot = loops(assembly)
        assert hot
        for block in hot:
            assert storage == "float64" or not found("widening", block)
            assert not re.search(r"\bcall|\bbl\b", block)


def test_overlap_is_not_tested_at_run_time(code):
    for _, llvm in code[1]:
        assert "memcheck" not in llvm


def output_of(script, folder, **environment):
    """Run Python code with ``folder`` as its only cache, and return what it printed."""
    variables = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder),
        "NUMBA_DEBUG_CACHE": "1",
        **environment,
    }
    variables.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=variables
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


STEP = (
    "import numpy as np; from adamref.kernels.cpu import FusedAdam; "
    "FusedAdam([np.zeros(3)]).step([np.ones(3)])"
)


def test_a_second_process_compiles_nothing(tmp_path):
    first = output_of(STEP, tmp_path)
    second = output_of(STEP, tmp_path)
    assert "data saved" in first
    assert "data saved" not in second
    assert "data loaded" in second
    assert not list((ROOT / "adamref" / "kernels").glob("**/*.nbi"))


def compiled_sources():
    """Return the files of all kernels, and of every function that Numba compiles."""
    modules = [module for name, module in sys.modules.items() if name.startswith("adamref.")]
    members = [member for module in modules for member in vars(module).values()]
    functions = [member.py_func for member in members if isinstance(member, Dispatcher)]
    assert len(functions) > 20
    kernels = (compiled.PACKAGE / "kernels").rglob("*.py")
    # Constants of packing are compiled in.
    packing = compiled.PACKAGE / "halves" / "packing.py"
    return {*kernels, packing, *(Path(function.__code__.co_filename) for function in functions)}


def test_compiled_code_is_kept_by_every_byte_of_what_it_is_made_of_and_not_by_where_that_lies(
    tmp_path,
):
    package = tmp_path / "elsewhere"
    shutil.copytree(compiled.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    digest = compiled.source_digest(package)
    assert digest == compiled.source_digest(compiled.PACKAGE)
    sources = {source.relative_to(compiled.PACKAGE) for source in compiled_sources()}
    assert Path("scalars.py") in sources
    for source in sources:
        content = (package / source).read_bytes()
        (package / source).write_bytes(content[:-1] + b" ")
        assert compiled.source_digest(package) != digest, source
        (package / source).write_bytes(content)
    assert compiled.source_digest(package) == digest


def test_without_a_folder_that_can_be_written_to_nothing_is_kept_and_all_works(tmp_path):
    file = tmp_path / "no-folder"
    file.write_text("")
    package = tmp_path / "site"
    package.mkdir()
    subprocess.run(["cp", "-r", str(ROOT / "adamref"), str(package)], check=True)
    script = (
        f"import sys; sys.path.insert(0, {str(package)!r}); {STEP}; "
        "import adamref; print(adamref.__file__)"
    )
    printed = output_of(script, file / "below", HOME=str(file))
    assert str(package) in printed
    assert "data saved" not in printed


def test_whoever_waits_for_the_compiler_longer_than_the_delay_is_told_at_a_terminal(tmp_path):
    leader, follower = pty.openpty()
    variables = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    variables.pop("NUMBA_CACHE_DIR", None)
    # The first process compiles for seconds; no process is told so before its delay is over.
    for delay, says in ((0.1, True), (600, False)):
        script = f"from adamref.kernels.cpu import compiled; compiled.DELAY = {delay}; {STEP}"
        done = subprocess.run(
            [sys.executable, "-c", script], stderr=follower, check=True, env=variables
        )
        assert done.returncode == 0
        os.set_blocking(leader, False)
        try:
            text = os.read(leader, 10_000).decode()
        except BlockingIOError:
            text = ""
        assert ("compiling" in text) is says
