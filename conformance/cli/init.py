"""adamref init."""

import shlex
from importlib.util import find_spec
from pathlib import Path

import click

from .status import ExitStatus

# Where a file goes -> what is copied there, as a path in this package.
_ADAPTER = {"adam_subject.py": "gate/templates/adam_subject.py"}
_PYTEST = {"test_adam_conformance.py": "gate/templates/test_adam_conformance.py"}
_ACTION = {
    ".github/workflows/adam.yml": "gate/templates/adam.yml",
    ".github/actions/adamref/action.yml": "gate/action/action.yml",
    ".github/actions/adamref/run.py": "gate/action/run.py",
}
# Programs, which speak the line protocol: kind -> file.
_PROGRAMS = {
    "c": "adam.c",
    "js": "adam.js",
    "rust": "adam.rs",
    "julia": "adam.jl",
    "torch": "adam_torch.py",
}
_KINDS = {"python": _ADAPTER, "pytest": _ADAPTER | _PYTEST, "action": _ADAPTER | _ACTION}
_KINDS |= {kind: {name: f"gate/templates/{name}"} for kind, name in _PROGRAMS.items()}
_NEXT = {
    "python": ["adamref check adam_subject:MyAdam"],
    "pytest": ["python -m pytest test_adam_conformance.py"],
    "action": ["git add .github adam_subject.py"],
    "c": ["cc -O2 -o adam adam.c -lm", "adamref check cmd:./adam"],
    "js": ["adamref check 'cmd:node adam.js'"],
    "rust": ["rustc -O adam.rs", "adamref check cmd:./adam"],
    "julia": ["adamref check 'cmd:julia adam.jl'"],
    "torch": ["adamref check 'cmd:python adam_torch.py'"],
}


@click.command()
@click.argument("kind", type=click.Choice(list(_KINDS)), metavar="KIND")
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]"
)
def init(kind: str, folder: Path) -> int:
    """Write an adapter, a program, a test, or a GitHub workflow.

    The files go into DIR, by default the current folder. Each has a correct Adam in it; put yours
    in its place. KIND is one of:

    \b
    python  an adapter
    pytest  the adapter, and a test file with one test per vector
    action  the adapter, a GitHub workflow, and the action it uses
    c, js, rust, julia
            a program in this language that needs no library
    torch   a program around torch, in any environment; it needs no adamref

    If a file exists, the command stops and changes nothing. Exception: pytest and action keep an
    adapter that exists already.

    \b
    Examples:
      adamref init pytest
      adamref init action ~/my_project
      adamref init c
    """
    present = [name for name in _KINDS[kind] if (folder / name).exists()]
    # An adapter may be edited already: the other files are what is asked for.
    kept = [name for name in present if name in _ADAPTER and kind != "python"]
    in_the_way = [name for name in present if name not in kept]
    if in_the_way:
        raise click.UsageError(
            f"DIR must not hold {', '.join(in_the_way)} yet, got {folder}; nothing was written. "
            "Write to another folder, and copy from there what you need"
        )
    _write({folder / name: source for name, source in _KINDS[kind].items() if name not in kept})
    # The last lines are commands that work as printed.
    for name in _KINDS[kind]:
        click.echo(f"{'kept' if name in kept else 'wrote'} {folder / name}")
    if kind == "pytest" and find_spec("pytest") is None:
        click.echo("pytest is missing: python -m pip install pytest")
    change = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    first, *others = _NEXT[kind]
    click.echo(f"next: {change}{first}")
    for command in others:
        click.echo(f"then: {command}")
    return ExitStatus.CONFORMANT


def _write(sources: dict[Path, str]) -> None:
    """Copy a file of this package to each of the paths, or leave none of them behind."""
    from importlib.metadata import version

    from ..process.files import write

    package = Path(__file__).parent.parent
    begun: list[Path] = []
    try:
        for target, source in sources.items():
            # Before it is written, because an interrupt may come in between.
            begun.append(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (package / source).read_text(encoding="utf-8")
            # The vectors are a part of the package: its version pins them.
            write(target, text.replace("adamref==VERSION", f"adamref=={version('adamref')}"))
    except BaseException:
        # Half a start would be in the way of the next try.
        for target in begun:
            target.unlink(missing_ok=True)
        raise
