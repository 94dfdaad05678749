"""adamref fuzz."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import (
    PATH,
    arithmetic_option,
    complete_subject,
    convention_option,
    resume_option,
    roundings_option,
    running_options,
)
from .outputs import console, destinations, write_json
from .status import ExitStatus, interrupted_by, say

if TYPE_CHECKING:
    from ..process.journal import Journal
    from ..subject.subject import Subject
    from ..vectors.suite import ListedConvention

if TYPE_CHECKING:
    from ..subject.program.connect import Running


@click.command()
@click.argument("name", metavar="SUBJECT", shell_complete=complete_subject)
@convention_option
@roundings_option
@arithmetic_option
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed draws the same inputs."
)
@click.option(
    "--examples",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Inputs for each of 4 combinations: float32 or float64, with "
    "hyperparameters such as 0.75, which binary numbers hold exactly, or such as 0.9.",
)
@running_options
@click.option("--save", type=PATH, metavar="FILE", help="Write a failing input as a vector.")
@resume_option
def fuzz(
    name: str,
    convention: str | None,
    roundings: dict[str, float] | None,
    arithmetic: str | None,
    seed: int,
    examples: int,
    save: Path | None,
    running: "Running",
    resume: Path | None,
) -> int:
    """Search for a failure beyond the golden vectors.

    Inputs are drawn at random, and adamref computes the exact results. Half of the inputs are
    small. The others have many features together, and objects that are saved and restored, or
    live beside others. A failing input is reduced to the smallest one that still fails, and
    printed as a script. Small inputs need Hypothesis; if it is missing: `pip install hypothesis`.
    A signal, such as Ctrl-C, ends the search, and it says what was found until then.

    \b
    Exit status:
      0  no failure was found
      1  a failure was found, even if it does not come again
      5  the subject supports none of the inputs

    \b
    Examples:
      adamref fuzz my_adam:MyAdam
      adamref fuzz my_adam:MyAdam --convention torch --examples 5000 --seed 7
      adamref fuzz my_adam:MyAdam --examples 100000 --resume search.jsonl
    """
    from ..judge.declared import choose_arithmetic, declaration_words, declare
    from ..judge.selection import choose_convention
    from ..report.screens.progress import Progress
    from ..report.text import short
    from ..search.fuzz import PartialFuzz
    from ..search.fuzz import fuzz as search
    from ..subject import loading
    from ..subject.program.connect import FILE
    from ..vectors import files

    if name.startswith(FILE):
        raise click.UsageError(
            f"SUBJECT must answer new questions, got {name}: a file has answers to old ones alone"
        )
    # A search takes minutes: that its result can be written is known before.
    places = destinations({"save": save})
    suite = files.load()
    subject = declare(loading.load(name, running), roundings=roundings)
    named = choose_convention(suite, convention, subject.convention, name)
    subject, named = choose_arithmetic(subject, named, suite, arithmetic)
    partial = None
    with _open_journal(resume, subject, named, seed, examples) as journal:
        try:
            with Progress(name) as progress:
                result = search(
                    subject,
                    named,
                    seed=seed,
                    examples=examples,
                    progress=progress.count_to,
                    resume=journal,
                )
        except PartialFuzz as error:
            partial = error
            result = error.result
    declared = declaration_words(subject.record)
    if not declared and not subject.accuracy.is_ordinary:
        declared = [f"accuracy class {subject.accuracy}"]
    judged_by = ", ".join([named.name, *declared])
    inputs = (
        f"{result.tried} inputs ({result.supported} supported), seed {seed}, convention {judged_by}"
    )
    # A script holds brackets, which are no markup.
    out = console(markup=False)
    if partial is not None:
        found = f"fails: {partial.failure}" if partial.failure else "no failure so far"
        worst = f"largest error {short(result.worst)} of the bound"
        out.print(f"{name}: {found}; {inputs}; {worst}", soft_wrap=True)
        say("interrupted" + ("" if resume is None else f"; --resume {resume} goes on"))
        return interrupted_by(partial.number)
    # A search that finds nothing says how hard it looked.
    if result.found is None:
        worst = f"largest error {short(result.worst)} of the bound"
        out.print(f"{name}: no failure in {inputs}; {worst}", soft_wrap=True)
        return ExitStatus.CONFORMANT if result.supported else ExitStatus.NOTHING
    often = ""
    shown = "The smallest failing input"
    if not result.repeats:
        often = " now and then"
        shown = "Its results are not always the same. An input that it failed once"
    # These two fields replace those of the drawn input.
    origin = {
        "why": f"Found by fuzz: {name} fails it{often}, judged by {judged_by}.",
        "source": f"fuzz, seed {seed}",
    }
    for place in places.values():
        write_json(place, {**result.found.vector.to_entry(), **origin})
    # Of several arithmetics the script shows the numbers of one.
    if len(named.arithmetics) > 1:
        inputs += f", arithmetic {result.arithmetic}"
    out.print(f"{name}: fails{often}; {inputs}. {shown}:\n", soft_wrap=True)
    out.print(result.found.script, soft_wrap=True)
    return ExitStatus.NOT_CONFORMANT


def _open_journal(
    path: Path | None,
    subject: "Subject",
    convention: "ListedConvention",
    seed: int,
    examples: int,
) -> "AbstractContextManager[Journal | None]":
    """Return the file in which a search notes how far it got, or a context of None."""
    from ..judge.tasks.records import version_of_code
    from ..process.journal import Journal
    from ..subject.loading import version_of

    if path is None:
        return nullcontext()
    header = {
        "run": "fuzz",
        "subject": subject.name,
        "version": version_of_code(subject),
        "convention": convention.name,
        "arithmetics": convention.arithmetics,
        "declared": str(subject.record),
        "hypothesis": version_of("hypothesis"),
        "seed": seed,
        "examples": examples,
    }
    return Journal(path, header)
