"""One test for each golden vector. Run it with python -m pytest test_adam_conformance.py."""

from adam_under_test import MyAdam
from adamref_conformance import parametrize


# The convention is what your Adam promises to compute: `adamref list conventions` names them. What it does not support
# is skipped; name it in require, for instance require=["none", "load"], and it fails.
@parametrize(MyAdam, convention="paper")
def test_adam(case):
    case.check()
