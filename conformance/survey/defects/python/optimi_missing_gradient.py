"""optimi's Adam corrects wrongly what had no gradient in a step: one t counts for all."""

import optimi
import torch


def late_first_step(kind):
    params = [torch.nn.Parameter(torch.zeros(1)), torch.nn.Parameter(torch.zeros(1))]
    adam = kind(params, lr=0.1, betas=(0.9, 0.99))
    # The second parameter has its first gradient in the third step.
    for second in (None, None, torch.ones(1)):
        params[0].grad = torch.ones(1)
        params[1].grad = second
        adam.step()
    return -params[1].item()


# The first step is the learning rate, whatever the gradient is.
for theirs, ours in ((optimi.Adam, torch.optim.Adam), (optimi.AdamW, torch.optim.AdamW)):
    print(f"{late_first_step(theirs):.5f}, and {late_first_step(ours):.5f} in torch")
    assert abs(late_first_step(ours) - 0.1) < 1e-5
    assert abs(late_first_step(theirs) - 0.1) > 1e-3
