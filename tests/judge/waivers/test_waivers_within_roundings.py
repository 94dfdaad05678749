"""Waivers of a subject that declares roundings: they stand beside the declaration."""

from conformance import check
from conformance.judge.verdicts import Verdict
from conformance.trial.outcomes import Failure
from conformance.waivers.waiver import Waiver
from tests.judge.judge.rough_adams import FiniteMathOnly, Truncation


class RoughAndFinite(FiniteMathOnly, Truncation):
    roundings = {"E1": 2}  # noqa: RUF012


def waiver(vector):
    return Waiver(id=vector, failure=Failure.E5, reason="finite numbers alone")


def test_what_is_waived_and_what_is_declared_stand_in_one_verdict(suite):
    only = "[bde]*.f32.*"
    plain = check(RoughAndFinite, only=only, suite=suite)
    assert plain.verdict is Verdict.NONCONFORMANT
    waivers = [waiver(failure.vector.id) for failure in plain.failures]
    report = check(RoughAndFinite, only=only, waivers=waivers, suite=suite)
    assert report.verdict_text == "conformant (waived, E1 within 2 roundings)"
    assert report.stale == ()


def test_a_waiver_of_what_passes_within_the_declaration_is_stale(suite):
    rough = next(
        failure.vector.id
        for failure in check(Truncation, only="*.f32.*", suite=suite).failures
        if failure.failure is Failure.E5
    )
    report = check(RoughAndFinite, only=rough, waivers=[waiver(rough)], suite=suite)
    assert report.verdict is Verdict.DECLARED
    assert rough in report.stale[0]
