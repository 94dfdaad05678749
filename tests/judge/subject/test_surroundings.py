"""What a subject changes for all code of the process reaches neither its verdict nor the next."""

import io
import locale
import os
import random
import signal
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from conformance import check
from conformance.subject.surroundings import kept_surroundings
from tests.support.subjects import right

VECTORS = "basic.*"
VARIABLE = "ADAMREF_TEST_OF_SURROUNDINGS"


def change_folder():
    os.chdir("/")


def remove_variable():
    os.environ.pop(VARIABLE, None)


def change_variable():
    os.environ[VARIABLE] = "another"


def change_locale():
    locale.setlocale(locale.LC_ALL, "C")


def drop_filters():
    warnings.resetwarnings()


def make_warnings_errors():
    warnings.simplefilter("error")


def show_warnings():
    warnings.showwarning = print


def handle_signal():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def set_alarm():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 1000)


def take_streams():
    sys.stdout = io.StringIO()
    sys.stderr = None


def raise_in_numpy():
    np.seterr(all="raise")


def seed():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002  (what users write)


CHANGES = [
    *(change_folder, remove_variable, change_variable, change_locale, drop_filters),
    *(make_warnings_errors, show_warnings, handle_signal, set_alarm, take_streams),
    *(raise_in_numpy, seed),
]


def surroundings():
    """What a subject must not change, but for the state of generators of random numbers."""
    return {
        "folder": Path.cwd(),
        "variable": os.environ.get(VARIABLE),
        "locale": locale.setlocale(locale.LC_ALL),
        "filters": list(warnings.filters),
        "show": warnings.showwarning,
        "handlers": [signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGALRM)],
        "alarm": signal.getitimer(signal.ITIMER_REAL),
        "streams": (sys.stdin, sys.stdout, sys.stderr),
        "errors of NumPy": np.geterr(),
    }


def disturbing(change):
    """Return a right Adam that changes something in every step, before and after it."""

    def make(*arguments):
        adam = right(*arguments)

        def step(grads):
            change()
            params = adam.step(grads)
            change()
            return params

        return step

    return make


def verdicts(make):
    """Return the verdict, and of each vector the status and the bits of what was returned."""
    report = check(make, only=VECTORS)
    return report.verdict, [(one.vector.id, one.status, one.bits) for one in report.comparisons]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_reaches_neither_this_verdict_nor_the_next(change, monkeypatch):
    monkeypatch.setenv(VARIABLE, "as it was")
    undisturbed = verdicts(disturbing(lambda: None))
    before = surroundings()
    assert verdicts(disturbing(change)) == undisturbed
    assert surroundings() == before
    assert verdicts(disturbing(lambda: None)) == undisturbed


def test_what_a_library_adds_for_itself_stays(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with warnings.catch_warnings():
        with kept_surroundings():
            os.environ[VARIABLE] = "added"
            warnings.filterwarnings("ignore", message="of a library")
        assert os.environ.pop(VARIABLE) == "added"
        assert warnings.filters[0][0] == "ignore"


def test_a_subject_that_draws_is_not_given_the_same_numbers_in_each_run():
    drawn = []

    def make(*arguments):
        drawn.append((random.random(), np.random.random()))  # noqa: NPY002
        return right(*arguments)

    check(make, only="basic.f32.mixed")
    check(make, only="basic.f32.mixed")
    assert len(set(drawn)) == len(drawn) >= 2


def test_a_folder_that_is_gone_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    with kept_surroundings():
        (tmp_path / "gone").rmdir()
        os.chdir(tmp_path)
    assert Path.cwd() == tmp_path


def test_an_alarm_that_ran_before_goes_on():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        with kept_surroundings():
            pass
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
