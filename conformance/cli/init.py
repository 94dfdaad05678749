"""adamref init."""

from pathlib import Path

import click

from .status import CONFORMANT

# Beside this package: what is copied, by where it goes.
_ADAPTER = {"adam_under_test.py": "gate/templates/adam_under_test.py"}
_KINDS = {
    "python": _ADAPTER,
    "pytest": _ADAPTER | {"test_adam_conformance.py": "gate/templates/test_adam_conformance.py"},
    "action": _ADAPTER
    | {
        ".github/workflows/adam.yml": "gate/templates/adam.yml",
        ".github/actions/adamref/action.yml": "gate/action/action.yml",
        ".github/actions/adamref/run.py": "gate/action/run.py",
    },
}
_NEXT = {
    "python": "adamref check adam_under_test:MyAdam",
    "pytest": "python -m pytest test_adam_conformance.py",
    "action": "git add .github adam_under_test.py",
}


@click.command()
@click.argument("kind", type=click.Choice(list(_KINDS)), metavar="[python|pytest|action]")
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]"
)
def init(kind: str, folder: Path) -> int:
    """Write a start that works into DIR, by default the current folder.

    python is an adapter with a right Adam in it, where yours goes; pytest that and a test for each vector; action that
    and a GitHub workflow with the action that it uses. What is there already is never overwritten; an adapter is kept.

    \b
    Examples:
      adamref init pytest
      adamref init action ~/my_project
    """
    import shlex

    there = [name for name in _KINDS[kind] if (folder / name).exists()]
    # An adapter may be edited already: the rest is what is asked for.
    kept = [name for name in there if name in _ADAPTER and kind != "python"]
    if taken := [name for name in there if name not in kept]:
        raise click.UsageError(
            f"DIR must not hold {', '.join(taken)} yet, got {folder}; nothing was written: write to another folder, "
            "and copy from there what you need"
        )
    _write({folder / name: source for name, source in _KINDS[kind].items() if name not in kept})
    for name in _KINDS[kind]:
        click.echo(f"{'kept' if name in kept else 'wrote'} {folder / name}")
    change = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"next: {change}{_NEXT[kind]}")
    return CONFORMANT


def _write(files: dict[Path, str]) -> None:
    """Copy what ships to each of the ``files``, or leave none of them behind."""
    from importlib.metadata import version

    from ..report.files import write

    package = Path(__file__).parent.parent
    written: list[Path] = []
    try:
        for target, source in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (package / source).read_text(encoding="utf-8")
            # The vectors are pinned with the package.
            write(target, text.replace("adamref==VERSION", f"adamref=={version('adamref')}"))
            written.append(target)
    except Exception:
        for target in written:
            target.unlink()
        raise
