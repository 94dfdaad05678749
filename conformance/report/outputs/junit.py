"""JUnit XML: a suite for each subject, a case for each vector.

GitLab, Jenkins and the actions of GitHub read it.
"""

from xml.etree import ElementTree as ET

from ...judge.declared import declaration_words
from ...judge.verdict import Report
from ...trial.comparison import Comparison
from ...trial.outcomes import Status
from ...trial.sentences import failure_line
from ..results import Results
from ..screens.failures import block
from ..text import printable

# The element by which a case says that it did not pass.
_ELEMENTS = {
    Status.FAILED: "failure",
    Status.ERRORED: "error",
    Status.UNSUPPORTED: "skipped",
    Status.WAIVED: "skipped",
}


def text(results: Results) -> str:
    """Return the text of the file."""
    root = ET.Element("testsuites", name="adamref")
    for name, reason in results.errors.items():
        _add_error(root, name, printable(reason))
    for report in results.reports:
        _add_report(root, report, results.left_out)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_error(root: ET.Element, subject: str, reason: str) -> None:
    """Add a suite with one case: the subject could not be loaded."""
    suite = _suite(root, subject, {"tests": 1, "failures": 0, "errors": 1, "skipped": 0})
    case = _case(suite, _class_name(subject), "load")
    ET.SubElement(case, "error", message=reason).text = reason


def _add_report(root: ET.Element, report: Report, left_out: str) -> None:
    """Add a suite: its properties, its vectors, and its stale waivers as one case more."""
    counts = report.counts
    numbers: dict[str, object] = {
        "tests": len(report.comparisons),
        "failures": counts["failed"],
        "errors": counts["errored"],
        "skipped": counts["unsupported"] + counts["waived"],
        "time": f"{report.seconds:.3f}",
    }
    # JUnit knows suites and cases only, so that stale waivers are a case more.
    if report.stale:
        numbers["tests"] = len(report.comparisons) + 1
        numbers["failures"] = counts["failed"] + 1
    suite = _suite(root, report.subject.name, numbers)
    _add_properties(suite, report, left_out)
    for comparison in report.comparisons:
        _add_vector(suite, report, comparison)
    if report.stale:
        case = _case(suite, _class_name(report.subject.name), "waivers")
        failure = ET.SubElement(case, "failure", message="waivers are stale", type="stale")
        failure.text = "\n".join(map(printable, report.stale))


def _add_properties(suite: ET.Element, report: Report, left_out: str) -> None:
    properties = ET.SubElement(suite, "properties")
    values = {
        "convention": report.convention.name,
        "arithmetic": report.arithmetic,
        "vectors": report.suite.version,
        "verdict": report.verdict,
        "declared": ", ".join(declaration_words(report.subject)),
        "diagnosis": report.diagnosis,
        # The options because of which the run does not establish conformance.
        "partial": left_out,
    }
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=printable(value))


def _add_vector(suite: ET.Element, report: Report, comparison: Comparison) -> None:
    # The topic is a part of the class, so that the readers of JUnit group vectors by topic.
    name = f"{_class_name(report.subject.name)}.{comparison.vector.topic}"
    case = _case(suite, name, comparison.vector.id)
    if comparison.status not in _ELEMENTS:
        return
    result = ET.SubElement(
        case, _ELEMENTS[comparison.status], message=printable(_message(comparison))
    )
    if comparison.failed:
        # Readers group failures by type: the equation that is wrong first.
        result.set("type", str(comparison.failure))
        result.text = block(report, comparison)


def _message(comparison: Comparison) -> str:
    if comparison.status is Status.FAILED:
        return failure_line(comparison)
    if comparison.status is Status.WAIVED:
        return f"waived: {comparison.reason}"
    return comparison.reason


def _suite(root: ET.Element, name: str, numbers: dict[str, object]) -> ET.Element:
    attributes = {"name": printable(name)}
    for key, value in numbers.items():
        attributes[key] = str(value)
    return ET.SubElement(root, "testsuite", attributes)


def _case(suite: ET.Element, class_name: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=class_name, name=name)


def _class_name(subject: str) -> str:
    return f"adamref.{printable(subject)}"
