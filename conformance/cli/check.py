"""adamref check."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..process.signals import obey
from .options import (
    PATH,
    arithmetic_option,
    complete_subject,
    config_option,
    convention_option,
    executor_option,
    jobs_option,
    level_option,
    require_option,
    resume_option,
    roundings_option,
    running_options,
    storage_option,
    vectors_option,
)
from .outputs import console, destinations, format_options, stdout_for, write_report
from .status import ExitStatus, interrupted_by, say, worst

if TYPE_CHECKING:
    from ..judge.verdict import Report
    from ..process.files import Destination
    from ..report.results import Results
    from ..subject.program.connect import Running


def _read_accuracy(text: str) -> dict[str, float]:
    # Late, because the help must appear at once.
    from ..judge.selection import read_numbers

    return read_numbers(text, "--accuracy")


@click.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...", shell_complete=complete_subject)
@convention_option
@level_option
@click.option("--only", default="*", metavar="GLOB", help="Run only vectors with a matching id.")
@click.option(
    "--dtype",
    type=click.Choice(["bfloat16", "float16", "float32", "float64"]),
    help="Run only vectors of this dtype.",
)
@require_option
@config_option
@click.option(
    "--accuracy",
    callback=lambda _context, _option, text: text and _read_accuracy(text),
    metavar="division=NUMBER,root=NUMBER",
    help="Judge by a wider bound, for quotients and roots that are so many units in the last "
    "place off; correct rounding is 0.5. The expected results are computed anew.",
)
@storage_option
@roundings_option
@arithmetic_option
@click.option(
    "--waivers",
    "waivers_file",
    type=PATH,
    metavar="FILE",
    help="TOML file of known failures, each with a reason.",
)
@click.option("-x", "--fail-fast", is_flag=True, help="Stop a subject at its first failure.")
@jobs_option
@executor_option
@resume_option
@vectors_option
@running_options
@format_options
@click.option(
    "--blocks",
    type=click.IntRange(0),
    default=2,
    show_default=True,
    metavar="N",
    help="Show N failures of each subject in full.",
)
def check(
    subjects: tuple[str, ...],
    convention: str | None,
    level: str,
    only: str,
    dtype: str | None,
    require: tuple[str, ...],
    config: dict[str, float],
    accuracy: dict[str, float] | None,
    storage: dict[str, str] | None,
    roundings: dict[str, float] | None,
    arithmetic: str | None,
    waivers_file: Path | None,
    fail_fast: bool,
    jobs: int,
    executor: str | None,
    resume: Path | None,
    folder: Path | None,
    blocks: int,
    running: "Running",
    **formats: Path | None,
) -> int:
    """Judge one or more Adams by the golden vectors.

    A SUBJECT is a built-in name (`adamref list subjects`), module:attribute for other code,
    cmd:PROGRAM for a program in any language that speaks the line protocol, or file:FILE for the
    answers that it has written (`adamref export`). The attribute is an optimizer class of torch,
    Keras, TensorFlow, MLX, tinygrad or Paddle, or one of your own with such a base, or a function
    that makes an optax transformation; settings may follow, as in 'torch.optim:Adam(fused=True)'.
    Or it is a class or function

    \b
      make(params, learning_rate, beta1, beta2, epsilon)

    that returns an object with a method step(grads), and step returns the list of new parameters.
    Without a SUBJECT, check judges the Adams of this package, and each library of `adamref list
    subjects` that is installed.

    \b
    FEATURE, for --require, is one of
      none       accept None as a gradient
      sparse     accept IndexedSlices as a gradient
      load       start from a given state
      save       save the state and restore it
      schedule   accept another learning rate at each step
      amsgrad, epsilon_root, weight_decay, maximize, clipvalue, clipnorm,
      global_clipnorm
                 accept an argument of this name
      gradient_accumulation_steps, groups, add_group
                 accept an argument of this name, or have such a method
      bfloat16, float16, float32, float64, complex, mixed_dtypes
                 accept parameters of this dtype, of complex numbers, or of
                 several dtypes
      readonly, grad_dtype, indices_int32
                 accept gradients in this form
      loss_scale accept gradients that are multiplied by a scale, and skip a step
                 that overflows
      refuse_shape, refuse_dtype, refuse_count, refuse_index, refuse_load_shape,
      refuse_load_count
                 refuse such an input, and change nothing
      hygiene    never write to a gradient, and return arrays that you may overwrite
                 and that never change later

    An output FILE is written completely or not at all. The name - means stdout. A signal, such as
    Ctrl-C, ends the run with a report of what was measured until then, marked as partial.

    \b
    Examples:
      adamref check torch tf1
      adamref check torch.optim:NAdam 'torch.optim:Adam(fused=True)'
      adamref check my_adam:MyAdam --convention torch
      adamref check my_adam:MyAdam --only 'epsilon.*' -x
      adamref check torch --json report.jsonl --junit report.xml
      adamref check my_adam:MyAdam --waivers waivers.toml
      adamref check my_kernel:make --config beta2=.95,epsilon=1e-6
      adamref check my_kernel:make --arithmetic sssss --roundings E5=8
      adamref check 'cmd:./adam --fast' --timeout 10
      adamref check my_adam:MyAdam --isolate
      adamref check -j 4 --resume runs.jsonl
      adamref check --executor dask://10.0.0.7:8786
    """
    from ..judge.conclusion import without_explanation
    from ..judge.tasks.campaign import check_all
    from ..report.results import Options, Results
    from ..report.screens import table
    from ..report.screens.progress import Progress
    from ..subject.loading import installed_subjects, require_known
    from ..vectors.files import load
    from ..waivers.files import load as load_waivers

    # Everything that can be wrong on the command line is found before the first subject runs.
    places = destinations(formats)
    suite = load(folder)
    names = tuple(dict.fromkeys(subjects)) or tuple(installed_subjects())
    for name in names:
        require_known(name)
    waivers = load_waivers(waivers_file) if waivers_file else ()
    options = Options(
        convention=convention,
        level=level,
        only=only,
        dtype=dtype,
        require=require,
        fail_fast=fail_fast,
        config=config,
        accuracy=accuracy,
        storage=storage,
        roundings=roundings,
        arithmetic=arithmetic,
    )
    with stdout_for(places.values()) as stdout_is_taken:
        campaign = check_all(
            names,
            jobs=jobs,
            executor=executor,
            resume=resume,
            suite=suite,
            running=running,
            waivers=waivers,
            screens=Progress,
            say=say,
            **asdict(options),
        )
        reports = campaign.ordered_reports()
        try:
            for report in reports if campaign.interrupted is None else ():
                _explain(report, smallest=bool(blocks or places))
        except KeyboardInterrupt as error:
            campaign.interrupted = obey(error)
            reports = list(map(without_explanation, reports))
        errors = campaign.ordered_errors()
        results = Results(reports, errors, suite.version, options, campaign.unjudged)
        # Files come first: nobody may read what is printed to its end.
        is_written = _write(results, places)
        table.show(console(to_stderr=stdout_is_taken), results, blocks)
    if campaign.interrupted is not None:
        say("interrupted")
        return interrupted_by(campaign.interrupted)
    statuses = list(_statuses(results))
    if not is_written:
        statuses.append(ExitStatus.FAILED)
    return worst(statuses)


def _explain(report: "Report", smallest: bool) -> None:
    """Find what explains the failures of a subject, with a progress line on terminals."""
    from ..report.screens.progress import Progress
    from ..subject.program.connect import end

    # The subject runs again for the smallest input.
    with Progress(report.subject.name) as progress:
        progress.say("looking for an explanation")
        if report.explanation is not None and smallest:
            progress.say("looking for the smallest input that fails")
            report.smallest  # noqa: B018  (the report keeps it, for every output)
    if report.live_subject is not None:
        end(report.live_subject)


def _write(results: "Results", places: "Mapping[str, Destination]") -> bool:
    """Write the files, say which could not be written, and return whether all are."""
    from ..process.files import WriteError

    try:
        write_report(results, places)
    except WriteError as error:
        say(error)
        return False
    return True


def _statuses(results: "Results") -> Iterator[ExitStatus]:
    """Yield the status of each verdict, and of what counts besides the verdicts."""
    from ..judge.verdicts import Verdict

    for report in results.reports:
        if report.conformant:
            yield ExitStatus.CONFORMANT
        elif report.verdict is Verdict.UNTESTED:
            yield ExitStatus.NOTHING
        else:
            yield ExitStatus.NOT_CONFORMANT
        if report.stale:
            yield ExitStatus.STALE
    if results.errors:
        yield ExitStatus.FAILED
