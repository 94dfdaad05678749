"""One test for each golden vector. Run it with python -m pytest test_adam_conformance.py."""

from adam_subject import MyAdam
from adamref_conformance import parametrize


# The convention is what your Adam promises to compute. `adamref list conventions` shows them all.
# Vectors that your Adam does not support are skipped. Add for instance require=["none", "load"],
# and those that need these features fail instead.
@parametrize(MyAdam, convention="paper")
def test_adam(case):
    case.check()
