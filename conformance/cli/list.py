"""adamref list."""

import click

from .outputs import console
from .status import CONFORMANT


@click.command(name="list")
@click.argument("what", type=click.Choice(["subjects", "conventions", "vectors", "defects"]))
def list_(what: str) -> int:
    """List the shipped subjects, the named conventions, the vectors, or the wrong Adams.

    \b
    Examples:
      adamref list subjects
      adamref list vectors
    """
    from rich.table import Table

    from . import listing

    columns, rows = listing.TABLES[what]()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, no_wrap=column in columns[:1])
    for row in rows:
        table.add_row(*row)
    console(markup=False).print(table)
    return CONFORMANT
