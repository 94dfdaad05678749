"""tinygrad's Adam raises ValueError for a parameter of rank 0."""

from tinygrad import Context, Tensor
from tinygrad.nn.optim import Adam

param = Tensor(1.0, device="CPU").is_param_(True)
adam = Adam([param])
param.grad = Tensor(1.0, device="CPU")
try:
    with Context(TRAINING=1):
        adam.step()
except ValueError as error:
    print("ValueError:", error)
else:
    raise AssertionError("no ValueError")
