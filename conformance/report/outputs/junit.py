"""JUnit XML: a suite for each subject, a case for each vector, as GitLab, Jenkins and the actions of GitHub read it."""

from xml.etree import ElementTree as ET

from ...judge.verdict import Report
from ...trial.compare import Comparison
from ...trial.sentences import in_a_line
from ..results import Results
from ..screens.table import block
from ..text import printable

# The element by which a case says that it did not pass.
_ELEMENTS = {"failed": "failure", "errored": "error", "unsupported": "skipped", "waived": "skipped"}


def text(results: Results) -> str:
    """The text of the file."""
    root = ET.Element("testsuites", name="adamref")
    for name, reason in results.errors.items():
        suite = _suite(root, name, {"tests": 1, "failures": 0, "errors": 1, "skipped": 0})
        case = ET.SubElement(suite, "testcase", classname=f"adamref.{printable(name)}", name="load")
        ET.SubElement(case, "error", message=printable(reason)).text = printable(reason)
    for report in results.reports:
        _report(root, report)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _report(root: ET.Element, report: Report) -> None:
    counts, stale = report.counts, bool(report.stale)
    numbers: dict[str, object] = {
        "tests": len(report.comparisons) + stale,
        "failures": counts["failed"] + stale,
        "errors": counts["errored"],
        "skipped": counts["unsupported"] + counts["waived"],
        "time": f"{report.seconds:.3f}",
    }
    suite = _suite(root, report.subject.name, numbers)
    properties = ET.SubElement(suite, "properties")
    for name, value in {
        "convention": report.convention.name,
        "arithmetic": report.arithmetic,
        "vectors": report.suite.version,
        "verdict": report.verdict,
        "diagnosis": report.diagnosis,
    }.items():
        ET.SubElement(properties, "property", name=name, value=printable(value))
    for one in report.comparisons:
        _case(suite, report, one)
    if stale:
        case = ET.SubElement(
            suite, "testcase", classname=f"adamref.{printable(report.subject.name)}", name="waivers"
        )
        found = ET.SubElement(case, "failure", message="waivers are stale", type="stale")
        found.text = "\n".join(map(printable, report.stale))


def _suite(root: ET.Element, name: str, attributes: dict[str, object]) -> ET.Element:
    return ET.SubElement(
        root, "testsuite", {"name": printable(name)} | {k: str(v) for k, v in attributes.items()}
    )


def _case(suite: ET.Element, report: Report, one: Comparison) -> None:
    name = f"adamref.{printable(report.subject.name)}.{one.vector.topic}"
    case = ET.SubElement(suite, "testcase", classname=name, name=one.vector.id)
    if one.status not in _ELEMENTS:
        return
    reason = f"waived: {one.reason}" if one.status == "waived" else one.reason
    message = in_a_line(one) if one.status == "failed" else reason
    found = ET.SubElement(case, _ELEMENTS[one.status], message=printable(message))
    if one.status in ("failed", "errored"):
        found.set("type", str(one.failure))
        found.text = block(report, one)
