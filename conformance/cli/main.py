"""The command line: what `adamref` does with its arguments."""

from collections.abc import Sequence

import click

from .check import check
from .compare import compare
from .fuzz import fuzz
from .identify import identify
from .init import init
from .list import list_
from .report import report
from .selftest import selftest
from .status import FAILED, INTERRUPTED, USAGE, say
from .vectors import vectors
from .waivers import waivers


class _Examples(click.Group):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write(
            "\nExit status: 0 conformant, 1 not, 2 usage, 3 a subject could not be loaded or an\n"
        )
        formatter.write("internal error, 4 stale waivers, 5 nothing was tested, 130 interrupted.\n")


@click.group(
    cls=_Examples,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(message="%(version)s", package_name="adamref")
def cli() -> None:
    """The yardstick for Adam: is an implementation right, whose Adam is it, where does it go wrong.

    \b
    Examples:
      adamref check                          our own backends and every known library that is installed
      adamref check torch                    PyTorch, against its own convention
      adamref check my_package.adam:make     yours
      adamref identify my_package.adam:make  whose Adam yours is, axis by axis
    """


for command in (check, compare, fuzz, identify, init, list_, report, selftest, vectors, waivers):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and never shows a traceback for what a user can mend."""
    try:
        return int(cli.main(arguments, standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except Exception as error:
        return _explained(error)


def _explained(error: Exception) -> int:
    from ..judge.selection import UsageError
    from ..report.files import WriteError
    from ..report.recorded import RecordError
    from ..subject.loading import UnknownSubject
    from ..subject.subject import SubjectError
    from ..vectors.files import VectorError
    from ..waivers.waiver import WaiverError

    if isinstance(error, (UnknownSubject, UsageError, WaiverError)):
        say(error)
        return USAGE
    if isinstance(error, (SubjectError, VectorError, RecordError, WriteError, OSError)):
        say(error)
        return FAILED
    import traceback

    traceback.print_exc()
    say("this is a mistake of adamref's own; please report it with the lines above")
    return FAILED
