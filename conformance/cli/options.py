"""Options that several commands have."""

from pathlib import Path

import click

# Each command gives its parameters as pathlib has them.
PATH = click.Path(path_type=Path)

convention_option = click.option(
    "--convention",
    metavar="NAME[,AXIS=VALUE]",
    help="Judge by this convention, or by one with other values on some axes, as "
    "torch,epsilon=hat. Default: what the subject declares with an attribute "
    "`convention`, else paper.",
)
require_option = click.option(
    "--require",
    multiple=True,
    metavar="FEATURE",
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
