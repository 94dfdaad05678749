"""A library on a Python that adamref does not run on: the line protocol, with NumPy alone.

`python program.py MODULE:NAME` is a program as conformance/subject/program/README.md describes it.
"""

import json
import sys

import numpy as np


def words(array):
    big = np.ascontiguousarray(array, array.dtype.newbyteorder(">"))
    data = big.tobytes()
    size = array.dtype.itemsize
    return " ".join(data[at : at + size].hex() for at in range(0, len(data), size))


def array_of(text, dtype, shape):
    data = bytes.fromhex(text.replace(" ", ""))
    big = np.frombuffer(data, np.dtype(dtype).newbyteorder(">"))
    return big.astype(dtype).reshape(shape)


def answer(message, make):
    dtype = message["dtype"]
    texts = message["config"]
    numbers = {}
    for name, text in texts.items():
        numbers[name] = float(array_of(text, "float64", ())) if isinstance(text, str) else text
    shapes = message["shapes"]
    pairs = zip(message["params"], shapes)
    subject = make([array_of(text, dtype, shape) for text, shape in pairs], **numbers)
    steps = []
    for number, call in enumerate(message["steps"], 1):
        grads = []
        for text, shape in zip(call["grads"], shapes):
            grads.append(None if text is None else array_of(text, dtype, shape))
        shown = {"params": subject.step(grads), **subject.slots()}
        entry = {}
        if number in message["after"]:
            for name, arrays in shown.items():
                entry[name] = [None if array is None else words(array) for array in arrays]
        steps.append(entry)
    return {"type": "ran", "seq": message["seq"], "steps": steps}


def serve(make, out):
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "stop":
            return
        if message["type"] == "start":
            reply = {"type": "started", "protocol": 1, "name": make.library, "dtypes": make.dtypes}
            reply.update(version=make.version, supports=make.supports)
        else:
            try:
                reply = answer(message, make)
            except Exception as error:
                # NotImplementedError is what a library lacks, as its bridge knows.
                kind = "skipped" if isinstance(error, NotImplementedError) else "errored"
                reason = "%s: %s" % (type(error).__name__, error)
                reply = {"type": kind, "seq": message["seq"], "reason": reason[:200]}
        out.write(json.dumps(reply) + "\n")
        out.flush()


if __name__ == "__main__":
    # What a library prints must not get between the lines.
    lines, sys.stdout = sys.stdout, sys.stderr
    from importlib import import_module

    module, _, name = sys.argv[1].partition(":")
    serve(getattr(import_module(module), name), lines)
