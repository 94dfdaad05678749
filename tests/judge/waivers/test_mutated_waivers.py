"""Waivers files with anything changed: read, or refused with a sentence; never a crash."""

import contextlib
from random import Random

import pytest

from conformance.judge.waiver_update import update_text
from conformance.subject.subject import SubjectRecord
from conformance.waivers.blocks import apply, blocks_of
from conformance.waivers.decision import ChangeWaiver
from conformance.waivers.files import SHIPPED, load, parse
from conformance.waivers.waiver import WaiverError
from tests.support.strange_files.mutations import mutated_bytes, mutated_text, read_or_refuse

VALUES = (
    *('""', '"x"', '"\\u0000"', '"\\u001b[31m"', "1", "-1", "1.5", "inf", "nan", "true", "[]"),
    *("{}", "[[]]", '["a"]', "{ version = 1 }", '{ version = ["1"] }', '{ version = ">=1" }'),
    *("{ device = [] }", "2027-06-30", "2027-06-30T00:00:00Z", "07:32:00", "0x" + "f" * 5000),
    *("9" * 5000, "1e999", "[" * 2000 + "]" * 2000, "'''\n'''", '"E5"', '"calls"', "'*.*.*'"),
)
KEYS = (
    *("id", "subject", "failure", "worst_ratio", "reason", "link", "expires", "when"),
    *("reproduction", "when.version", "when.device.x", "waiver", "'a b'", '"\\u0000"', "id.x"),
)
HEADERS = ("[[waiver]]\n", "[waiver]\n", "[[waivers]]\n", "[[waiver.when]]\n", "waiver = []\n")


def mutated(text, random):
    """Return the bytes of a waivers file with one change, or with several."""
    lines = text.splitlines(keepends=True)
    for _ in range(random.choice((1, 1, 2))):
        kind = random.randrange(7)
        place = random.randrange(len(lines))
        key = lines[place].partition(" = ")[0]
        if kind == 0:
            return mutated_bytes("".join(lines).encode("utf-8", "surrogatepass"), random)
        if kind == 1 and len(lines) > 1:
            del lines[place]
        elif kind == 2:
            lines.insert(place, random.choice(lines))
        elif kind == 3:
            lines.insert(place, f"{random.choice(KEYS)} = {random.choice(VALUES)}\n")
        elif kind == 4:
            lines.insert(place, random.choice(HEADERS))
        elif kind == 5:
            lines[place] = mutated_text(lines[place], random)
        else:
            lines[place] = f"{key} = {random.choice(VALUES)}\n"
    return "".join(lines).encode("utf-8", "surrogatepass")


def run_mutants(file, count, seed):
    """Read mutated files of waivers, and use those that are accepted."""
    text = "".join(SHIPPED.read_text().partition("[[waiver]]")[1:])[:3000]
    text = text[: text.rindex("[[waiver]]")]
    random = Random(seed)
    refused = 0
    for number in range(count):
        file.write_bytes(mutated(text, random))
        waivers, error = read_or_refuse(WaiverError, load, file)
        if error:
            refused += 1
            assert str(error).replace("\n", " ").isprintable(), (number, error)
            continue
        for waiver in waivers:
            waiver.holds_for(SubjectRecord("torch", "2.1", ""))
            assert waiver.explanation.isprintable()
        with contextlib.suppress(WaiverError):
            rewrite(file.read_bytes().decode())
    return refused


def rewrite(text):
    """Rewrite every waiver of a file, as an update may."""
    update_text(text, "waivers.toml", [])
    new = text
    for block in blocks_of(text, "waivers.toml").blocks:
        new = new.replace(block, apply(ChangeWaiver({"failure": "E1", "worst_ratio": 2.0}), block))
    failures = {waiver.failure for waiver in parse(new, "waivers.toml", explained=False)}
    assert failures <= {"E1"}


def test_a_changed_file_is_read_or_refused_with_a_sentence(tmp_path):
    assert parse(SHIPPED.read_text(), "shipped")
    refused = run_mutants(tmp_path / "waivers.toml", 200, seed=1)
    # Neither is everything refused, nor anything accepted.
    assert 100 < refused < 190


@pytest.mark.parametrize("value", ["0x" + "f" * 5000, '{ version = ["1"] }'])
def test_values_that_python_cannot_show_or_compare_are_refused(value, tmp_path):
    file = tmp_path / "waivers.toml"
    key = "when" if "version" in value else "worst_ratio"
    file.write_text(f'[[waiver]]\nid = "a.b.c"\nfailure = "E5"\nreason = "x"\n{key} = {value}\n')
    with pytest.raises(WaiverError):
        load(file)
