"""What a subject does to the process of the judge is refused or undone."""

import os
import signal
import sys

import pytest

from conformance.process.signals import Interrupted, listening
from conformance.subject.guard import ProcessEnded
from conformance.subject.subject import from_make
from conformance.trial.outcomes import RunStatus
from conformance.trial.run import run
from conformance.vectors import files

# JAX and Python warn of a fork beside threads, if another test of this process has started them.
# The children of these tests end at once.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork")


def one_vector():
    return next(vector for vector in files.load().vectors if vector.id == "basic.f32.mixed")


def run_step(step):
    """Run one vector with a subject whose step does what ``step`` does."""
    return run(from_make(lambda *_arguments: step, "subject"), one_vector())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("_exit", (0,)),
        ("execv", ("/bin/true", ["true"])),
        ("execve", ("/bin/true", ["true"], {})),
        ("execlp", ("true", "true")),
    ],
)
def test_a_subject_that_ends_the_process_is_errored(name, arguments):
    result = run_step(lambda _grads: getattr(os, name)(*arguments))
    assert result.status is RunStatus.ERRORED
    assert "ProcessEnded: a subject must not end the process, but called os." in result.reason


def test_processes_that_end_in_this_way_rightly_still_can():
    def step(_grads):
        child = os.fork()
        if not child:
            os._exit(7)
        _, status = os.waitpid(child, 0)
        raise ValueError(f"status {os.waitstatus_to_exitcode(status)}")

    assert "ValueError: status 7" in run_step(step).reason


def test_a_copy_of_the_process_that_a_subject_forks_judges_nothing(tmp_path):
    file = tmp_path / "judged"
    children = []

    def step(_grads):
        children.append(os.fork())
        raise ValueError("both processes go on")

    run_step(step)
    # Only one process comes here; the other would write a second letter.
    with file.open("a") as stream:
        stream.write("x")
    _, status = os.waitpid(children[0], 0)
    assert (os.waitstatus_to_exitcode(status), file.read_text()) == (1, "x")


def test_modules_and_entries_of_the_path_that_a_subject_removes_are_put_back():
    modules = dict(sys.modules)
    path = list(sys.path)

    def step(_grads):
        sys.modules.clear()
        sys.path.clear()
        sys.path.append("added")

    try:
        run_step(step)
        assert modules.items() <= sys.modules.items()
        assert {"added", *path} == set(sys.path)
    finally:
        sys.path[:] = path


def test_a_subject_s_own_interrupt_is_its_error():
    def step(_grads):
        raise KeyboardInterrupt("its own")

    result = run_step(step)
    assert result.status is RunStatus.ERRORED
    assert "KeyboardInterrupt: its own" in result.reason


@pytest.mark.parametrize("swallow", [True, False])
def test_an_interrupt_from_outside_ends_the_run(swallow):
    def step(_grads):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException:
            if not swallow:
                raise

    with pytest.raises(KeyboardInterrupt):
        run_step(step)


def test_a_handler_that_somebody_has_set_stays():
    received = []
    previous = signal.signal(signal.SIGINT, lambda number, _frame: received.append(number))
    try:
        run_step(lambda _grads: os.kill(os.getpid(), signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, previous)
    assert received == [signal.SIGINT]


def test_an_interrupt_is_over_when_nobody_listens_any_more():
    with pytest.raises(Interrupted), listening():
        os.kill(os.getpid(), signal.SIGINT)
    with listening():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_refused_is_a_system_exit_so_that_ordinary_handlers_let_it_pass():
    assert issubclass(ProcessEnded, SystemExit)
