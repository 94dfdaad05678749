"""Command line: the group of all commands, and the exit status of each error."""

import os
import sys
import traceback
from collections.abc import Sequence

import click

from ..process.signals import ENDING, Interrupted, listening
from ..process.streams import lenient_streams, open_standard_descriptors
from ..process.supervisor import supervise
from .check import check
from .compare import compare
from .fuzz import fuzz
from .identify import identify
from .init import init
from .list import list_
from .outside.export import export
from .outside.serve import serve
from .report import report
from .selftest import selftest
from .status import MEANINGS, ExitStatus, interrupted_by, say
from .teach.explain import explain
from .teach.learn import learn
from .teach.plot import plot
from .vectors import vectors
from .waivers import waivers

# The variable by which a shell asks for words; click's own name for it.
_COMPLETE = "_ADAMREF_COMPLETE"


class _GroupWithStatuses(click.Group):
    """A group that explains exit statuses at the end of its help."""

    def format_epilog(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Exit status"):
            rows = [(str(int(status)), meaning) for status, meaning in MEANINGS.items()]
            formatter.write_dl(rows)


@click.group(
    cls=_GroupWithStatuses,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(message="%(version)s", package_name="adamref")
def cli() -> None:
    """Test implementations of Adam.

    adamref says whether an Adam is right, which convention it follows, and where it goes wrong.

    \b
    Examples:
      adamref check                     the Adams of this package, and known libraries
      adamref check torch               PyTorch, by its own convention
      adamref check my_adam:MyAdam      the class MyAdam in my_adam.py
      adamref identify my_adam:MyAdam   the convention that it follows
    """


for command in (
    check,
    compare,
    explain,
    export,
    fuzz,
    identify,
    init,
    learn,
    list_,
    plot,
    report,
    selftest,
    serve,
    vectors,
    waivers,
):
    cli.add_command(command)


def supervised_main() -> int:
    """Run the command line in a child process, and return its exit status.

    No code of a subject runs in this process, so that none can change the status.
    """
    open_standard_descriptors()
    # A judge watches over it, and wants to know by which signal it ends.
    if sys.argv[1:2] == ["serve"]:
        return main()
    return supervise(main)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    An error that the user can mend is one line, never a traceback.
    """
    with lenient_streams() as stdout:
        status = _run(arguments)
        stdout.flush()
        # What was printed is lost, but the status stays that of the command.
        if stdout.reason:
            say(f"stdout could not be written: {stdout.reason}")
    return status


def _run(arguments: Sequence[str] | None) -> int:
    # Click would end the process by itself, with exit statuses of its own.
    try:
        with listening(ENDING):
            status = cli.main(arguments, standalone_mode=False, complete_var=_COMPLETE)
            return int(status or 0)
    except SystemExit:
        # Click ends the process when it has offered words to a shell; nothing else of it does.
        if _COMPLETE in os.environ:
            return ExitStatus.CONFORMANT
        raise
    except click.ClickException as error:
        error.show()
        return ExitStatus.USAGE
    except (click.Abort, KeyboardInterrupt) as error:
        say("interrupted")
        # Click raises an Abort of its own because of an interrupt.
        cause = error.__cause__ or error
        return interrupted_by(cause.number) if isinstance(cause, Interrupted) else interrupted_by()
    except Exception as error:
        # Nothing may leave here as a traceback without a sentence.
        return _explain(error)


def _explain(error: Exception) -> ExitStatus:
    """Print an error, and return the exit status for its kind."""
    from ..executors.clusters import ExecutorError
    from ..judge.selection import UsageError
    from ..process.files import WriteError
    from ..process.journal import JournalError
    from ..report.recorded import RecordError
    from ..subject.loading import UnknownSubject
    from ..subject.subject import SubjectError
    from ..teach.learn.progress import ProgressError
    from ..vectors.files import VectorError
    from ..waivers.waiver import WaiverError

    # First mistakes in what was typed, then what could not be read, loaded or written.
    if isinstance(error, (UnknownSubject, UsageError, WaiverError)):
        say(error)
        return ExitStatus.USAGE
    unreadable = (VectorError, RecordError, JournalError, ProgressError, WriteError, OSError)
    if isinstance(error, (SubjectError, ExecutorError, *unreadable)):
        say(error)
        return ExitStatus.FAILED
    # Any other exception is a mistake of ours, and its traceback helps to find it.
    traceback.print_exc()
    say("this is a mistake of adamref's own; please report it with the lines above")
    return ExitStatus.FAILED
