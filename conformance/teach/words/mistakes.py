"""Entries of defects, of flags, and of subjects."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...defects import DEFECTS, INEXPRESSIBLE
from ...defects.defect import OWN, Defect
from ...subject.shipped import SHIPPED
from ...vectors.files import default_directory
from ...vectors.suite import Suite
from .entry import WordEntry, sentence

# Defect -> the smallest vector that rejects it; `python -m conformance.teach.words` adds to it.
FILE = Path(__file__).with_name("vectors_of_defects.toml")
_NOBODY = "nobody that is known"


def flags(suite: Suite) -> Iterator[WordEntry]:
    """Yield the entries of flags, from flags.json."""
    content = json.loads((default_directory() / "flags.json").read_text("utf-8"))
    by_flag: Mapping[str, Any] = content["flags"]
    first = vectors_of_flags(suite)
    names = {defect.name for defect in DEFECTS}
    for flag, fields in by_flag.items():
        # A flag with the name of a defect says what the defect says.
        if flag in names:
            continue
        links = f" ({', '.join(fields['links'])})" if fields["links"] else ""
        yield WordEntry(
            word=flag,
            kind="a flag of vectors",
            says=f"A vector with this flag finds these mistakes. {fields['finds']}",
            who=f"{fields['who']}{links}",
            vector=first.get(flag, ""),
            see=("flags",),
        )


def defects(suite: Suite) -> Iterator[WordEntry]:
    """Yield the entries of wrong Adams, and of the numbers that none stands for."""
    first = vectors_of_defects() | vectors_of_flags(suite)
    for defect in DEFECTS:
        yield _defect(defect, first.get(defect.name, ""))
    for number, reason in INEXPRESSIBLE.items():
        yield WordEntry(
            word=number,
            kind="a defect that no subject can express",
            says=f"No wrong Adam stands for this number of the catalogue: {reason}. It was found "
            "in a library, and no vector asks for it.",
            see=("defect",),
        )


def _defect(defect: Defect, vector: str) -> WordEntry:
    subject = defect.name.replace("-", "_")
    # It is found by its number in the catalogue, too, and as the subject that it is.
    number = () if defect.entry == OWN else (defect.entry,)
    return WordEntry(
        word=defect.name,
        kind=f"a defect ({defect.kind})",
        says=f"The mistake is: {sentence(defect.what)} "
        f"`adamref check conformance.defects:{subject}` shows which vectors reject it.",
        who=", ".join(defect.links) or _NOBODY,
        vector=vector,
        see=("defect", defect.convention),
        aliases=(*number, subject),
    )


def vectors_of_defects() -> dict[str, str]:
    """Return defect -> the vector that shows it, of those that no flag names."""
    return tomllib.loads(FILE.read_text("utf-8"))


def vectors_of_flags(suite: Suite) -> dict[str, str]:
    """Return flag -> the first vector that has it."""
    first: dict[str, str] = {}
    for vector in suite.vectors:
        for flag in vector.spec.flags:
            first.setdefault(flag, vector.id)
    return first


def subjects() -> Iterator[WordEntry]:
    """Yield the entries of shipped subjects; some are a convention by name as well."""
    for name, shipped in SHIPPED.items():
        yield WordEntry(
            word=name,
            kind="a subject",
            says=f"It is {sentence(shipped.what)} `adamref check {name}` judges it by the "
            f"convention {shipped.convention}; it needs {shipped.distribution}.",
            see=(shipped.convention,),
        )
