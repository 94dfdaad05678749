"""python -m adamref: the command line of the judge."""

import sys

from conformance.cli import main

sys.exit(main())
