"""Results of the measurement are kept in a file, and a signal tells how many there are."""

from concurrent.futures import Executor, Future

import pytest

from conformance.process.journal import JournalError
from conformance.process.signals import Interrupted
from conformance.selftest.results import PartialSelftest, open_results


class Here(Executor):
    """Runs a function at once, and counts."""

    count = 0

    def submit(self, function, /, *arguments, **named):
        self.count += 1
        future = Future()
        future.set_result(function(*arguments, **named))
        return future


def ratios(name):
    if name == "end":
        raise Interrupted(15)
    return (name, {("float32", "m"): 0.1}, None, ("a", "b"))


def measure(path, names, executor):
    with open_results(path, "1") as results:
        asked = [results.ask(executor, ratios, name) for name in names]
        return results.take("ratios", asked, str)


def test_what_is_in_the_file_is_not_measured_again(tmp_path):
    path = tmp_path / "results.jsonl"
    executor = Here()
    first = measure(path, ["a", "b"], executor)
    assert measure(path, ["a", "b", "c"], executor)[:2] == first
    assert executor.count == 3


def test_a_signal_tells_how_much_was_measured():
    def end_after_two():
        with open_results(None, "1") as results:
            results.take("ratios", [results.ask(Here(), ratios, name) for name in "ab"], str)
            ratios("end")

    with pytest.raises(PartialSelftest) as caught:
        end_after_two()
    assert caught.value.number == 15
    assert caught.value.counts == {"ratios": (2, 2)}


def test_a_file_of_another_version_is_refused(tmp_path):
    measure(tmp_path / "results.jsonl", "a", Here())
    with pytest.raises(JournalError, match="vectors of this run is 2, but was 1"):
        open_results(tmp_path / "results.jsonl", "2").__enter__()
