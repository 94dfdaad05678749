"""python -m adamref: the command line of the judge."""

import sys

from adamref_conformance import main

sys.exit(main())
