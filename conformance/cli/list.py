"""adamref list."""

from fnmatch import fnmatchcase

import click

from .outputs import console
from .status import ExitStatus


@click.command(name="list")
@click.argument("what", type=click.Choice(["subjects", "conventions", "vectors", "defects"]))
@click.option("--only", default="*", metavar="GLOB", help="List only what has such a name.")
def list_(what: str, only: str) -> int:
    """List subjects, conventions, golden vectors or known wrong Adams.

    \b
    Examples:
      adamref list subjects
      adamref list vectors --only 'sparse*.f32.*'
      adamref list defects --only 'wd-*'
    """
    from rich.table import Table

    from .listing import TABLES

    columns, rows = TABLES[what]()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        # The first column names the row and must stay whole.
        table.add_column(column, no_wrap=column == columns[0])
    for row in rows:
        if fnmatchcase(row[0], only):
            table.add_row(*row)
    # Cells hold brackets, which are no markup.
    console(markup=False).print(table)
    return ExitStatus.CONFORMANT
