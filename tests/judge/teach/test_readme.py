"""The examples in README.md are what the commands print, in a terminal of 80 columns."""

import re
import shlex

import pytest

from conformance.cli import main, outputs
from tests.support.paths import ROOT

README = (ROOT / "conformance/teach/README.md").read_text()
BLOCKS = re.findall(r"```console\n\$ (adamref explain .*)\n([^`]*(?:`[^`]+`[^`]*)*)\n```", README)


def test_every_form_of_the_command_has_an_example():
    commands = " ".join(command for command, _ in BLOCKS)
    for part in ("--convention", "--grads", "--exact", "--beside", "decay_when", "B15"):
        assert part in commands


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_an_example_is_what_the_command_prints(command, shown, capsys, monkeypatch):
    monkeypatch.setattr(outputs, "_WIDTH", 80)
    _, *arguments = shlex.split(command)
    assert main(arguments) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert printed == shown.splitlines()
