"""Options that several commands have, and the words that a shell offers to complete them."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _offer(words: Callable[[], Iterable[str]]) -> Complete:
    """Return a function that offers the words that go on from what is typed."""

    def complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
        return [word for word in words() if word.startswith(typed)]

    return complete


# Late imports, because the help must appear at once.


def _subjects() -> Iterable[str]:
    from ..subject.shipped import SHIPPED

    return SHIPPED


def _conventions() -> Iterable[str]:
    from ..vectors.files import load

    return load().conventions


def _questions() -> Iterable[str]:
    from ..teach.lessons import lessons
    from ..vectors.files import load

    suite = load()
    ids = (vector.id for vector in suite.vectors)
    return [*ids, *lessons(), *suite.axes, *suite.conventions]


def _features() -> Iterable[str]:
    from ..vectors.switches import FEATURES

    return FEATURES


complete_subject = _offer(_subjects)
complete_convention = _offer(_conventions)
complete_feature = _offer(_features)
complete_question = _offer(_questions)

# Each command gives its parameters as pathlib has them.
PATH = click.Path(path_type=Path)

convention_option = click.option(
    "--convention",
    metavar="NAME[,AXIS=VALUE]",
    shell_complete=complete_convention,
    help="Judge by this convention, or by one with other values on some axes, as "
    "torch,epsilon=hat. Default: what the subject declares with an attribute "
    "`convention`, else paper.",
)
require_option = click.option(
    "--require",
    multiple=True,
    metavar="FEATURE",
    shell_complete=complete_feature,
    help="Count the lack of this feature as a failure. Repeat for more.",
)
vectors_option = click.option(
    "--vectors",
    "folder",
    type=PATH,
    metavar="DIR",
    help="Use the vectors in this folder instead of the shipped ones.",
)
json_option = click.option(
    "--json",
    "file",
    type=PATH,
    metavar="FILE",
    help="Also write the result as JSON. The name - means stdout.",
)


def _read_config(text: str | None) -> dict[str, float]:
    # Late, because the help must appear at once.
    from ..judge.selection import read_numbers

    return read_numbers(text, "--config")


def _read_storages(texts: tuple[str, ...]) -> dict[str, str] | None:
    """Return dtype -> text, from `bfloat16:weights=master` and others like it."""
    from ..judge.selection import UsageError
    from ..vectors.storage import read_storage

    declared: dict[str, str] = {}
    for text in texts:
        dtype, _, storage = text.partition(":")
        if dtype in declared:
            raise UsageError(f"--storage must name a dtype once, got {dtype} again in {text!r}")
        declared[dtype] = storage
    try:
        return read_storage(declared) if texts else None
    except ValueError as error:
        raise UsageError(f"--storage: {error}") from None


level_option = click.option(
    "--level",
    type=click.Choice(["quick", "core", "full"]),
    default="core",
    show_default=True,
    help="quick: few vectors, for a first impression. core: all that a claim of conformance "
    "needs. full: core, and long and large runs.",
)


def _read_roundings(text: str | None) -> dict[str, float] | None:
    from ..judge.selection import read_numbers

    return None if text is None else read_numbers(text, "--roundings")


roundings_option = click.option(
    "--roundings",
    callback=lambda _context, _option, text: _read_roundings(text),
    metavar="E1=N,E2=N,E5=N",
    help="Permit N bounds in an equation, for operations that err by up to N roundings: E1 is m, "
    "E2 is v, E5 is the parameters with their bias correction. Default: what the subject "
    "declares with an attribute `roundings`, else 1.",
)
arithmetic_option = click.option(
    "--arithmetic",
    metavar="CODE",
    help="Judge by this arithmetic, five letters as sssss, and not by those that the convention "
    "accepts. Default: what the subject declares with an attribute `arithmetic`.",
)


def numbers_option(meaning: str) -> Callable[[Any], Any]:
    """Return the option --config with the help ``meaning``."""
    return click.option(
        "--config",
        callback=lambda _context, _option, text: _read_config(text),
        metavar="NAME=NUMBER,...",
        help=meaning,
    )


def storages_option(meaning: str) -> Callable[[Any], Any]:
    """Return the option --storage with the help ``meaning``."""
    return click.option(
        "--storage",
        multiple=True,
        callback=lambda _context, _option, texts: _read_storages(texts),
        metavar="DTYPE:TEXT",
        help=meaning,
    )


config_option = numbers_option(
    "State the hyperparameters that are fixed inside the subject. They replace those of each "
    "vector, and the expected results are computed anew."
)
storage_option = storages_option(
    "State what the subject keeps of bfloat16 or float16 between steps, as "
    "bfloat16:weights=master,moments=float32. Repeat for the other dtype."
)


_RUNNING = (
    click.option(
        "--isolate",
        is_flag=True,
        help="Run a Python subject in a process of its own, as a program runs anyway. A crash "
        "then fails one vector, and the subject has no access to the answers.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="The longest time of one run of a program or an isolated subject. To start it may "
        "take 120 seconds, because large libraries do.",
    ),
    click.option(
        "--memory",
        type=click.FloatRange(0, min_open=True),
        default=8.0,
        show_default=True,
        metavar="GB",
        help="The most memory of a program or an isolated subject. Linux alone.",
    ),
    click.option(
        "--trace",
        is_flag=True,
        help="Print every line of the line protocol on stderr, and what is wrong with it.",
    ),
)


def running_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of subjects in other processes; the command gets them as ``running``."""

    @wraps(command)
    def with_running(
        *, isolate: bool, timeout: float, memory: float, trace: bool, **named: Any
    ) -> int:
        from ..process.child import ChildLimits
        from ..subject.program.connect import Running

        limits = ChildLimits(seconds=timeout, memory=memory * 1e9)
        return command(running=Running(isolate, limits, trace), **named)

    # Each option is put in front of those that are there.
    for option in reversed(_RUNNING):
        with_running = option(with_running)
    return with_running


jobs_option = click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Run vectors in N processes of this machine. The report is the same.",
)
executor_option = click.option(
    "--executor",
    metavar="KIND",
    help="Run vectors elsewhere: dask://HOST:PORT for the workers of a Dask cluster, mpi for the "
    "processes of MPI.",
)
resume_option = click.option(
    "--resume",
    type=PATH,
    metavar="FILE",
    help="Keep what is measured in FILE, and go on from it if it exists.",
)
