"""python -m adamref: the command line of the judge."""

import sys

# Python puts the current folder first. A file in it, such as xml.py, would be imported in the place
# of a module that the judge or a library needs.
if not sys.flags.safe_path:
    sys.path.append(sys.path.pop(0))

from adamref_conformance import main

sys.exit(main())
