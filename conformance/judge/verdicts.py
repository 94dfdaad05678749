"""Verdicts: the words of a judgement."""

from enum import StrEnum


class Verdict(StrEnum):
    """The judgement about one subject under one convention."""

    CONFORMANT = "conformant"
    # Nothing failed but what waivers allow.
    WAIVED = "conformant (waived)"
    # Nothing failed by the wider bound of an accuracy class that the subject declares.
    OF_CLASS = "conformant (accuracy class)"
    # Nothing failed by what the subject declares of its rounding; `Report.verdict_text` says what.
    DECLARED = "conformant (declared)"
    # The subject could run no vector.
    UNTESTED = "untested"
    # Nothing failed, but with the numbers of `config` few vectors could tell.
    INCONCLUSIVE = "inconclusive"
    # It refuses some inputs with an error, and what it computes is right.
    REFUSES = "nonconformant (refusals)"
    # Right, but for the rounding of its scalars.
    ARITHMETIC = "nonconformant (arithmetic)"
    NONCONFORMANT = "nonconformant"
    # A signal came before all vectors were run.
    INTERRUPTED = "partial (interrupted)"

    @property
    def conforms(self) -> bool:
        """Whether nothing failed but what is waived."""
        return self in (Verdict.CONFORMANT, Verdict.WAIVED, Verdict.OF_CLASS, Verdict.DECLARED)

    @property
    def fails(self) -> bool:
        """Whether something failed that no waiver allows."""
        return self in (Verdict.REFUSES, Verdict.ARITHMETIC, Verdict.NONCONFORMANT)
