"""Scripts as users of the two pages wrote them train to the same numbers with other imports."""

import re
import warnings

import numpy as np
import pytest

from tests.support.paths import ROOT

SCRIPTS = sorted((ROOT / "tests/reference/seed_pages").glob("script_*.py"))
# TensorFlow's module -> ours.
OURS = {
    "tensorflow": "adamref",
    "tensorflow.compat.v1": "adamref.tf1",
    "tensorflow.compat.v1.train": "adamref.tf1",
    "tf_keras.optimizers.legacy": "adamref.keras",
    "tf_keras.optimizers.schedules": "adamref.schedule",
}
# Functions of TensorFlow -> functions of NumPy, which losses are written in here.
FUNCTIONS = {
    "clip_by_value": "numpy.clip",
    "exp": "numpy.exp",
    "float32": "numpy.float32",
    "gather": "adamref.gather",
    "int32": "numpy.int32",
    "log": "numpy.log",
    "matmul": "numpy.matmul",
    "reduce_mean": "numpy.mean",
    "reduce_sum": "numpy.sum",
    "square": "numpy.square",
    "tanh": "numpy.tanh",
}
# float32, after tens of steps.
LARGEST_ERROR = 2e-5


def with_our_imports(script):
    """Return a script that imports NumPy and adamref in the place of TensorFlow."""

    def replace(found):
        lines = []
        for name in re.findall(r"\w+", found["names"]):
            ours = FUNCTIONS.get(name) or f"{OURS[found['module']]}.{name}"
            module, _, original = ours.rpartition(".")
            lines.append(f"from {module} import {original} as {name}")
        return "\n".join(lines)

    one_import = r"^from (?P<module>(?:tensorflow|tf_keras)\S*) import (?P<names>\([^)]*\)|.*)$"
    return re.sub(one_import, replace, script, flags=re.MULTILINE)


def run(script):
    made = {"__name__": "script"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(script, "script", "exec"), made)
    return [name.removesuffix(":0") for name in made["names"]], np.array(made["numbers"], float)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_of_either_page_trains_to_the_numbers_of_the_real_class(path):
    script = path.read_text()
    ours = with_our_imports(script)
    assert "tensorflow" not in re.sub(r'""".*?"""', "", ours.lower(), flags=re.DOTALL)
    names, numbers = run(ours)
    real_names, real_numbers = run(script)
    assert names == real_names
    np.testing.assert_allclose(numbers, real_numbers, rtol=LARGEST_ERROR, atol=LARGEST_ERROR)
    # It is not the loss of a beginning that stands still.
    assert len(set(numbers.tolist())) > len(numbers) / 3


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_another_optimizer_would_show(path):
    ours = with_our_imports(path.read_text())
    _, numbers = run(ours)
    wrong, count = re.subn(
        r"(?<=[ =])((?:AdamOptimizer|Adam)\([^()]+)\)", r"\1, epsilon=1e-3)", ours
    )
    wrong = wrong.replace("epsilon=0.1, epsilon=1e-3", "epsilon=0.11")
    assert count
    _, others = run(wrong)
    assert not np.allclose(numbers, others, rtol=LARGEST_ERROR, atol=LARGEST_ERROR)
