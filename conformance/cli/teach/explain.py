"""adamref explain."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import (
    complete_convention,
    complete_question,
    numbers_option,
    storages_option,
    vectors_option,
)
from ..outputs import console, destinations, stdout_for
from ..status import ExitStatus

if TYPE_CHECKING:
    from ...teach.explain.question import StepQuestion
    from ...teach.explain.story import Choice
    from ...teach.pages.page import Page
    from ...vectors.suite import Suite
    from ...vectors.vector import Vector


@click.command()
@click.argument(
    "what", required=False, metavar="[VECTOR_ID|WORD]", shell_complete=complete_question
)
@numbers_option(
    "Take these hyperparameters with --grads; the others are those of the paper. Switches are "
    "options of their own, --amsgrad and --maximize."
)
@click.option(
    "--grads",
    metavar="NUMBERS;...",
    help="Explain these gradients: numbers with blanks between, calls with a ; between, "
    "parameters of a call with a | between. None is a missing gradient.",
)
@click.option(
    "--params",
    metavar="NUMBERS|...",
    help="The parameters before the first step, with a | between. Default: ones.",
)
@click.option("--amsgrad", is_flag=True, help="Take the steps of --grads with AMSGrad.")
@click.option("--maximize", is_flag=True, help="Take the steps of --grads uphill.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64"]),
    help="The dtype of --grads and --params. Default: float32.",
)
@click.option(
    "--convention",
    metavar="NAME[,AXIS=VALUE]",
    shell_complete=complete_convention,
    help="Explain the step of this convention. Default: paper, or the first that the vector asks.",
)
@click.option(
    "--beside",
    metavar="NAME[,AXIS=VALUE]",
    shell_complete=complete_convention,
    help="Show a second convention in a column of its own, and where the two part.",
)
@click.option(
    "--arithmetic",
    metavar="CODE",
    help="Round shared numbers so, five letters as sssss. Default: as the convention does.",
)
@storages_option(
    "Keep bfloat16 or float16 so between steps, as bfloat16:weights=master,moments=float32. "
    "Repeat for the other dtype."
)
@click.option("--exact", is_flag=True, help="Show exact numbers, and where the errors arise.")
@click.option("--steps", metavar="N,N-N", help="Show these steps, or all.")
@click.option(
    "--element",
    "elements",
    multiple=True,
    metavar="PARAM:INDEX",
    help="Show this element, as 0:3 or 1:0,2, or all. Repeat for more.",
)
@click.option(
    "--markdown",
    "file",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write the page as Markdown. The name - means stdout.",
)
@vectors_option
def explain(
    what: str | None,
    config: dict[str, float],
    grads: str | None,
    params: str | None,
    amsgrad: bool,
    maximize: bool,
    dtype: str | None,
    convention: str | None,
    beside: str | None,
    arithmetic: str | None,
    storage: dict[str, str] | None,
    exact: bool,
    steps: str | None,
    elements: tuple[str, ...],
    file: Path | None,
    folder: Path | None,
) -> int:
    """Explain a step of Adam in numbers, or a word of a report.

    For a vector (`adamref list vectors`), or for numbers of your own, it shows every number of
    every step in the order of the equations, E1 to E5: each formula in letters, then with its
    numbers. A ! marks what a convention does otherwise than the paper. All numbers are those of
    the reference, bit for bit.

    A WORD is any that a report or a table uses: an axis or its value, an arithmetic, a convention,
    a defect by name or number, a flag, a verdict, a feature, an equation. Without arguments,
    explain lists what can be asked.

    \b
    Examples:
      adamref explain epsilon.f32.as-small
      adamref explain epsilon.f32.as-small --beside tf1
      adamref explain learn.bias-correction
      adamref explain basic.f32.defaults --exact --steps 1 --element 0:2
      adamref explain --config learning_rate=0.5,beta1=0.5 --grads "3 -0.25; 1 2"
      adamref explain --grads "3 1 | 0.5; None | 2" --amsgrad --convention torch
      adamref explain bias_correction
      adamref explain sdssT
      adamref explain B15 --markdown B15.md
    """
    from ...teach.pages.markdown import text
    from ...teach.pages.screen import show
    from ...vectors.files import load

    places = destinations({"markdown": file})
    suite = load(folder)
    options: Mapping[str, object] = {
        "--config": config,
        "--params": params,
        "--amsgrad": amsgrad,
        "--maximize": maximize,
        "--dtype": dtype,
        "--convention": convention,
        "--beside": beside,
        "--arithmetic": arithmetic,
        "--storage": storage,
        "--exact": exact,
        "--steps": steps,
        "--element": elements,
    }
    switches = {"amsgrad": amsgrad, "maximize": maximize}
    vector = _vector_of(suite, what, config, grads, params, dtype, switches)
    if vector is None:
        page = _page_of_word(suite, what, options)
    elif not (convention or beside or storage):
        page = _pages_of_runs(suite, vector, arithmetic, steps, elements, exact)
    else:
        page = _page_of_vector(
            suite, vector, convention, beside, arithmetic, storage, steps, elements, exact
        )
    with stdout_for(places.values()) as stdout_is_taken:
        for place in places.values():
            place.write(text(page))
        if not stdout_is_taken:
            show(console(), page)
    return ExitStatus.CONFORMANT


def _vector_of(
    suite: "Suite",
    what: str | None,
    config: dict[str, float],
    grads: str | None,
    params: str | None,
    dtype: str | None,
    switches: dict[str, bool],
) -> "Vector | None":
    """Return the vector that is named or typed; None for a word."""
    from ...judge.selection import UsageError
    from ...teach.explain.question import own_vector

    if grads is not None:
        if what is not None:
            raise UsageError(f"--grads must come without a VECTOR_ID or WORD, got {what!r}")
        on = [name for name, is_on in switches.items() if is_on]
        return own_vector(config, grads, params, dtype or "float32", on)
    from ...teach.lessons import lessons

    found = next((vector for vector in suite.vectors if vector.id == what), None)
    if what is not None and what in (known := lessons()):
        found = known[what].vector
    given: dict[str, object] = {"--config": config, "--params": params, "--dtype": dtype}
    given |= {f"--{name}": is_on for name, is_on in switches.items()}
    for option, value in given.items():
        if value and (found is not None or what is None):
            raise UsageError(f"{option} must come with --grads, whose numbers it belongs to")
    return found


def _page_of_vector(
    suite: "Suite",
    vector: "Vector",
    convention: str | None,
    beside: str | None,
    arithmetic: str | None,
    storage: dict[str, str] | None,
    steps: str | None,
    elements: tuple[str, ...],
    exact: bool,
) -> "Page":
    from ...judge.selection import UsageError
    from ...teach.explain.beside import page_beside
    from ...teach.explain.choosing import choice_of
    from ...teach.explain.question import question_of
    from ...teach.explain.telling import page_of

    choice: Choice = choice_of(vector, steps, elements, exact)
    question: StepQuestion = question_of(suite, vector, convention, arithmetic, storage)
    if beside is None:
        return page_of(question, choice)
    if exact:
        raise UsageError("--exact must come without --beside; ask for each convention by itself")
    other = question_of(suite, vector, beside, arithmetic, storage)
    return page_beside(question, other, choice)


def _pages_of_runs(
    suite: "Suite",
    vector: "Vector",
    arithmetic: str | None,
    steps: str | None,
    elements: tuple[str, ...],
    exact: bool,
) -> "Page":
    """Return the page of a vector, or the pages of the runs of a lesson."""
    from ...teach.explain.choosing import choice_of
    from ...teach.explain.telling import page_of
    from ...teach.lessons import lessons
    from ...teach.pages.page import Sentence

    lesson = lessons().get(vector.id)
    if lesson is None:
        return _page_of_vector(suite, vector, None, None, arithmetic, None, steps, elements, exact)
    page: Page = []
    for run in lesson.runs:
        question = run.question(suite, vector)
        own = page_of(question, choice_of(vector, steps or "all", elements, exact))
        # What is to be seen follows the title.
        page += [own[0], Sentence(run.says, stands_out=True), *own[1:]]
    return page


def _page_of_word(suite: "Suite", what: str | None, options: Mapping[str, object]) -> "Page":
    from ...judge.selection import UsageError
    from ...teach.words.entries import Entries
    from ...teach.words.page import page_of_all, page_of_word

    for option, value in options.items():
        if value:
            raise UsageError(
                f"{option} must come with a VECTOR_ID or --grads, got the word {what!r}"
            )
    entries = Entries(suite)
    return page_of_all(entries) if what is None else page_of_word(entries, what)
