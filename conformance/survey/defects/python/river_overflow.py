"""river's Adam raises OverflowError where a gradient's square is beyond the largest float."""

from river import optim

try:
    optim.Adam().step({"a": 1.0}, {"a": 1e200})
except OverflowError as error:
    print("OverflowError:", error)
else:
    raise AssertionError("no OverflowError")
