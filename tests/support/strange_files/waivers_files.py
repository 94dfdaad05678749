"""Files of waivers with anything changed."""

import contextlib

from conformance.judge.waiver_update import update_text
from conformance.subject.subject import SubjectRecord
from conformance.waivers.blocks import apply, blocks_of
from conformance.waivers.decision import ChangeWaiver
from conformance.waivers.files import SHIPPED, load, parse
from conformance.waivers.waiver import WaiverError

from .loaders import Loader
from .mutations import mutated_file, mutated_text

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
            return mutated_file("".join(lines).encode("utf-8", "surrogatepass"), random)
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


def prepare(_folder):
    """Return some of the waivers that ship, alone or two together."""
    blocks = [f"[[waiver]]{block}" for block in SHIPPED.read_text().split("[[waiver]]")[1:]]
    shortest = sorted(blocks, key=len)[:12]
    return [*shortest[:10], shortest[10] + shortest[11]]


def write(texts, folder, random):
    path = folder / "waivers.toml"
    path.write_bytes(mutated(random.choice(texts), random))
    return path


def read(_prepared, path):
    return path, load(path)


def use(_prepared, content):
    path, waivers = content
    for waiver in waivers:
        waiver.holds_for(SubjectRecord("torch", "2.1", ""))
        assert waiver.explanation.isprintable()
    with contextlib.suppress(WaiverError):
        rewrite(path.read_bytes().decode())


def rewrite(text):
    """Rewrite every waiver of a file, as an update may."""
    update_text(text, "waivers.toml", [])
    new = text
    for block in blocks_of(text, "waivers.toml").blocks:
        new = new.replace(block, apply(ChangeWaiver({"failure": "E1", "worst_ratio": 2.0}), block))
    failures = {waiver.failure for waiver in parse(new, "waivers.toml", explained=False)}
    assert failures <= {"E1"}


WAIVERS_FILES = Loader(
    name="file of waivers",
    prepare=prepare,
    write=write,
    read=read,
    error=WaiverError,
    use=use,
    share=250,
    used=10,
    refused=(0.4, 0.95),
)
