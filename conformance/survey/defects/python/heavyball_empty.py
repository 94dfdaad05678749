"""heavyball's AdamW raises RuntimeError for two empty parameters of different shapes."""

import heavyball
import heavyball.utils
import torch

heavyball.utils.compile_mode = None
params = [torch.nn.Parameter(torch.zeros(0)), torch.nn.Parameter(torch.zeros(0, 3))]
adam = heavyball.AdamW(params, lr=0.1, compile_step=False)
for param in params:
    param.grad = torch.ones_like(param)
try:
    adam.step()
except RuntimeError as error:
    print("RuntimeError:", error)
else:
    raise AssertionError("no RuntimeError")
