"""A torch.optim.Adam that `adamref check 'cmd:python adam_torch.py'` judges.

It needs torch and NumPy, and no adamref: `python` may be that of any environment, from 3.8 on.
"""

import json
import sys

import numpy as np
import torch

STARTED = {
    "type": "started",
    "protocol": 1,
    "name": "torch.optim.Adam",
    "version": torch.__version__,
    "convention": "torch",
    "dtypes": ["float32", "float64"],
    # The judge asks for nothing else: delete here what yours lacks.
    "supports": ["none", "schedule", "load", "amsgrad", "weight_decay", "maximize"],
}
# Moment -> its name in the state of a parameter.
SLOTS = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}


def make(params, config):
    """Return the optimizer: put yours here."""
    return torch.optim.Adam(
        params,
        lr=config["learning_rate"],
        betas=(config["beta1"], config["beta2"]),
        eps=config["epsilon"],
        weight_decay=config.get("weight_decay", 0.0),
        amsgrad=config.get("amsgrad", False),
        maximize=config.get("maximize", False),
    )


# The rest speaks with the judge: numbers are the hexadecimal digits of their bits.


def decode(words, dtype, shape):
    """Return a tensor of words, whose bytes come most significant first; None for none."""
    if words is None:
        return None
    array = np.frombuffer(bytes.fromhex(words), np.dtype(dtype).newbyteorder(">"))
    return torch.from_numpy(array.astype(dtype).reshape(shape))


def encode(tensor):
    """Return a tensor as words, None where there is none."""
    if tensor is None:
        return None
    array = tensor.detach().numpy()
    data = array.astype(array.dtype.newbyteorder(">")).tobytes()
    size = array.itemsize
    return " ".join(data[i : i + size].hex() for i in range(0, len(data), size))


def number(value):
    """Return a setting: a float64 in words, or as it stands."""
    return decode(value, "float64", ()).item() if isinstance(value, str) else value


def run(asked):
    """Return the answer to a run."""
    config = {name: number(value) for name, value in asked["config"].items()}
    shapes = asked["shapes"]

    def tensors(texts):
        pairs = zip(texts, shapes)
        return [decode(text, asked["dtype"], shape) for text, shape in pairs]

    params = tensors(asked["params"])
    try:
        optimizer = make(params, config)
    except ValueError as error:
        # torch refuses some numbers on purpose, as a negative weight decay.
        return {"type": "skipped", "seq": asked["seq"], "reason": str(error)}
    if "load" in asked:
        load_state(optimizer, params, asked["load"], tensors)
    names = ["m", "v", "v_max"] if config.get("amsgrad") else ["m", "v"]
    steps = []
    for call, step in enumerate(asked["steps"], 1):
        if "learning_rate" in step:
            for group in optimizer.param_groups:
                group["lr"] = number(step["learning_rate"])
        for param, grad in zip(params, tensors(step["grads"])):
            param.grad = grad
        optimizer.step()
        steps.append({})
        if call in asked["after"]:
            steps[-1]["params"] = [encode(param) for param in params]
            for name in names:
                states = [optimizer.state.get(param, {}) for param in params]
                steps[-1][name] = [encode(state.get(SLOTS[name])) for state in states]
    return {"type": "ran", "seq": asked["seq"], "steps": steps}


def load_state(optimizer, params, load, tensors):
    """Start from the moments and counts of a run."""
    moments = {SLOTS[name]: tensors(load[name]) for name in SLOTS if name in load}
    for i, param in enumerate(params):
        optimizer.state[param] = {name: moments[name][i] for name in moments}
        optimizer.state[param]["step"] = torch.tensor(float(load["t"][i]))


def answer(asked):
    """Return the answer to a message, also if the run fails."""
    if asked["type"] == "start":
        return STARTED
    try:
        return run(asked)
    except Exception as error:
        return {"type": "errored", "seq": asked["seq"], "reason": repr(error)}


if __name__ == "__main__":
    for line in sys.stdin:
        received = json.loads(line)
        if received["type"] == "stop":
            break
        print(json.dumps(answer(received)), flush=True)
