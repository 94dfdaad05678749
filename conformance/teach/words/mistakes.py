"""Entries of defects, of flags, and of subjects."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ...defects import DEFECTS, INEXPRESSIBLE
from ...defects.defect import OWN, Defect
from ...subject.shipped import SHIPPED
from ...vectors.files import default_directory
from ...vectors.suite import Suite
from .entry import Meaning, WordEntry, sentence

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
        write = partial(_flag, fields, first.get(flag, ""))
        yield WordEntry(word=flag, kind="a flag of vectors", write=write)


def _flag(fields: Mapping[str, Any], vector: str) -> Meaning:
    links = f" ({', '.join(fields['links'])})" if fields["links"] else ""
    return Meaning(
        says=f"A vector with this flag finds these mistakes. {fields['finds']}",
        who=f"{fields['who']}{links}",
        vector=vector,
        see=("flags",),
    )


def defects(suite: Suite) -> Iterator[WordEntry]:
    """Yield the entries of wrong Adams, and of the numbers that none stands for."""
    first = vectors_of_defects() | vectors_of_flags(suite)
    for defect in DEFECTS:
        # It is found by its number in the catalogue, too, and as the subject that it is.
        number = () if defect.entry == OWN else (defect.entry,)
        # A new one may have no vector yet, which is no reason to explain nothing.
        yield WordEntry(
            word=defect.name,
            kind=f"a defect ({defect.kind})",
            write=partial(_defect, defect, first.get(defect.name, "")),
            aliases=(*number, _subject(defect)),
        )
    for word, reason in INEXPRESSIBLE.items():
        yield WordEntry(
            word=word,
            kind="a defect that no subject can express",
            write=partial(_inexpressible, reason),
        )


def _subject(defect: Defect) -> str:
    return defect.name.replace("-", "_")


def _defect(defect: Defect, vector: str) -> Meaning:
    return Meaning(
        says=f"The mistake is: {sentence(defect.what)} "
        f"`adamref check conformance.defects:{_subject(defect)}` shows which vectors reject it.",
        who=", ".join(defect.links) or _NOBODY,
        vector=vector,
        see=("defect", defect.convention),
    )


def _inexpressible(reason: str) -> Meaning:
    return Meaning(
        says=f"No wrong Adam stands for this number of the catalogue: {reason}. It was found "
        "in a library, and no vector asks for it.",
        see=("defect",),
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
    for name in SHIPPED:
        yield WordEntry(word=name, kind="a subject", write=partial(_meaning_of_subject, name))


def _meaning_of_subject(name: str) -> Meaning:
    shipped = SHIPPED[name]
    return Meaning(
        says=f"It is {sentence(shipped.what)} `adamref check {name}` judges it by the "
        f"convention {shipped.convention}; it needs {shipped.distribution}.",
        see=(shipped.convention,),
    )
