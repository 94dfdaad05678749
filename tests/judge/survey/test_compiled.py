"""Rows in other languages: their bridges speak the protocol, and their defects need no adamref."""

import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import check
from conformance.survey.row import HERE, load

BRIDGES = HERE / "bridges"
ROWS = [row for row in load().rows if row.command and row.language != "Python"]
PYTHONS = ("python", "old_python")
OTHERS = sorted(
    path
    for path in BRIDGES.rglob("*.*")
    if path.is_file() and path.suffix != ".pyc" and path.parent.name not in PYTHONS
)
# What other bridges include.
SHARED = {"words.hpp", "program.js"}
DEFECTS = sorted(
    path
    for path in (HERE / "defects").rglob("*.*")
    if path.is_file() and path.suffix not in (".py", ".pyc")
)

# A right Adam behind what the bridges share: it has the `params`, numbers and moments of each.
RIGHT_CPP = """
#include <cmath>
#include "words.hpp"

template <class T>
struct Adam {
    int t = 0;
    Adam(const words::Numbers &numbers, words::Tensors<T> &tensors) {
        if (numbers.epsilon == 0) throw words::Cannot("epsilon is 0");
        for (auto &x : tensors) x.m = x.v = std::vector<T>(x.param.size());
    }
    void step(const words::Numbers &a, words::Tensors<T> &tensors) {
        t++;
        for (auto &x : tensors)
            for (size_t i = 0; i < x.param.size() && x.has_grad; i++) {
                x.m[i] = a.beta1 * x.m[i] + (1 - a.beta1) * x.grad[i];
                x.v[i] = a.beta2 * x.v[i] + (1 - a.beta2) * x.grad[i] * x.grad[i];
                double m_hat = x.m[i] / (1 - std::pow(a.beta1, t));
                double v_hat = x.v[i] / (1 - std::pow(a.beta2, t));
                x.param[i] -= a.learning_rate * m_hat / (std::sqrt(v_hat) + a.epsilon);
            }
    }
};

int main() { return words::serve<Adam>("started 1 right\\nsupports none schedule"); }
"""
RIGHT_JS = """
const { serve } = require(process.argv[2]);

function make(numbers, params) {
  const { beta1, beta2, epsilon } = numbers;
  const m = params.map((p) => p.slice().fill(0));
  const v = params.map((p) => p.slice().fill(0));
  let t = 0;
  function move(p, m, v, g) {
    for (let i = 0; i < p.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      const root = Math.sqrt(v[i] / (1 - beta2 ** t));
      p[i] -= numbers.learning_rate * (m[i] / (1 - beta1 ** t)) / (root + epsilon);
    }
  }
  return {
    step(grads) {
      t += 1;
      grads.forEach((g, k) => g === null || move(params[k], m[k], v[k], g));
      return { params, m, v };
    },
  };
}

serve({ name: 'right', supports: ['none', 'schedule'] }, make);
"""


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not here")


@needs("g++")
def test_a_right_adam_behind_the_words_of_cpp_is_conformant(tmp_path):
    (tmp_path / "right.cpp").write_text(RIGHT_CPP)
    command = ["g++", "-std=c++17", "-I", BRIDGES / "cpp", "-o", tmp_path / "right"]
    subprocess.run([*command, tmp_path / "right.cpp"], check=True)
    report = check(f"cmd:{tmp_path}/right", level="quick")
    assert report.conformant, report.diagnosis
    assert report.worst("float32", "m") > 0
    assert "epsilon is 0" in {run.reason for run in report.runs}


@needs("node")
def test_a_right_adam_behind_the_program_of_javascript_is_conformant(tmp_path):
    (tmp_path / "right.js").write_text(RIGHT_JS)
    report = check(f"cmd:node {tmp_path}/right.js {BRIDGES / 'js/program.js'}", level="quick")
    assert report.conformant, report.diagnosis
    assert report.worst("float64", "v") > 0


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_a_bridge_is_used(path):
    words = [word for row in ROWS for line in (*row.build, row.command) for word in line.split()]
    is_named = any(Path(word).name == path.name for word in words)
    is_java = any(word == path.stem for word in words)
    assert is_named or is_java or path.name in SHARED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_of_a_repository_says_how_it_is_pinned(row):
    is_pinned = len(row.commit) == 40 if row.origin == "repository" else bool(row.version)
    assert is_pinned
    assert row.needs


@pytest.mark.parametrize("path", DEFECTS, ids=lambda path: path.name)
def test_a_defect_is_a_few_lines_without_adamref(path):
    text = path.read_text()
    assert "adamref" not in text
    assert len(text.splitlines()) <= 40
    # The number that is right, and a status that tells when the library has been mended.
    assert "must be" in text
    assert "mended" in text or "exit" in text.lower()


@needs("g++")
@pytest.mark.skipif(not Path("/usr/include/tiny_dnn").is_dir(), reason="tiny-dnn is not here")
def test_the_defect_of_a_library_that_is_here_is_there(tmp_path):
    source = HERE / "defects/cpp/tiny_dnn_counts_parameters.cpp"
    program = tmp_path / "defect"
    subprocess.run(["g++", "-w", "-o", program, source, "-lpthread"], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("-0.0007441")
