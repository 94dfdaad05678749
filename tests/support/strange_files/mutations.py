"""Mutations: files as a slip, a broken disk or a stranger would leave them."""

import json
from copy import deepcopy

# Texts that no JSON value is written as, by the mark that stands for them until the end.
_RAW = {
    "@not-finite@": "1e999",
    "@nan@": "NaN",
    "@infinity@": "-Infinity",
    "@long@": "9" * 5000,
    "@many-digits@": "9" * 400,
    "@deep@": "[" * 2000 + "]" * 2000,
    "@deep-object@": '{"a":' * 200 + "1" + "}" * 200,
    "@surrogate@": '"\\ud800"',
}
_VALUES = (
    *(None, True, False, 0, 1, -1, 3.0, 0.5, 2**31, 2**63, -(2**63), 10**30, 1e300),
    *("", " ", "x", "\0", "\x1b[31m", "a\nb", "é", "\u202e", "..", "x" * 3000, "nan", "1e999"),
    *([], {}, [[]], [None], {"": 1}, {"word": "7ff0000000000000", "about": "inf"}),
    *_RAW,
)
_LETTERS = ("\0", "\n", "\x1b", "\ud800", "f", "-", " ", ".", "9", "é")


def mutated_json(content, random, times=1):
    """Return the bytes of a JSON value with some changes in its structure."""
    content = deepcopy(content)
    for _ in range(times):
        holder = {"": content}
        _change(holder, random)
        content = holder.get("")
    text = json.dumps(content)
    for mark, raw in _RAW.items():
        text = text.replace(f'"{mark}"', raw)
    # A key that begins with this mark is the second of its name.
    return text.replace('"@twice@', '"').encode("utf-8", "surrogatepass")


def _change(part, random):
    """Change one place in a JSON value, the deeper the likelier."""
    keys = list(part) if isinstance(part, dict) else range(len(part))
    key = random.choice(keys)
    value = part[key]
    if isinstance(value, (dict, list)) and value and random.random() < 0.85:
        _change(value, random)
        return
    kind = random.randrange(6)
    if kind == 0:
        del part[key]
    elif kind == 1 and isinstance(part, list):
        part.insert(key, deepcopy(value))
    elif kind == 1:
        part[f"@twice@{key}"] = random.choice((value, *_VALUES))
    elif kind == 2 and isinstance(value, str):
        part[key] = mutated_text(value, random)
    elif kind == 2 and type(value) is int:
        part[key] = value + random.choice((-1, 1, 1000, 2**40))
    elif kind == 3 and isinstance(part, dict):
        part[mutated_text(str(key), random)] = part.pop(key)
    elif kind == 4:
        # Another value of the same file is more likely to get past the schema.
        part[key] = deepcopy(part[random.choice(keys)])
    else:
        part[key] = random.choice(_VALUES)


def mutated_text(text, random):
    """Return a text with a letter more, fewer or changed, or cut off, or twice as long."""
    place = random.randrange(len(text) + 1)
    kind = random.randrange(5)
    if kind == 0:
        return text[:place]
    if kind == 1:
        return text + random.choice(("", " ")) + text
    letter = random.choice((*_LETTERS, *text[:50]))
    return text[:place] + letter * (kind > 2) + text[place + (kind < 4) :]


def mutated_bytes(content, random):
    """Return bytes of which one is flipped, inserted or gone, or that are cut off."""
    place = random.randrange(len(content) + 1)
    byte = bytes(
        [random.choice((0, 10, 34, 91, 123, 127, 128, 192, 237, 255, random.randrange(256)))]
    )
    kind = random.randrange(4)
    if kind == 0:
        return content[:place]
    return content[:place] + byte * (kind > 1) + content[place + (kind < 3) :]


def spliced(content, other, random):
    """Return the begin of some bytes and the end of others, or a piece of them put in between."""
    place = random.randrange(len(content) + 1)
    start = random.randrange(len(other) + 1)
    if random.random() < 0.3:
        return content[:place] + other[start:]
    piece = other[start : start + random.choice((1, 2, 8, 100))]
    return content[:place] + piece + content[place + random.choice((0, len(piece))) :]


def with_raw(content, random):
    """Return bytes with something in them that is deep, long, or no number."""
    place = random.randrange(len(content) + 1)
    raw = random.choice((*_RAW.values(), "9" * 400, "-" * 3000, "a." * 3000, "0x" + "f" * 5000))
    return content[:place] + raw.encode("utf-8", "surrogatepass") + content[place:]


def mutated_file(content, random):
    """Return the bytes of a file with one change that knows nothing of its form."""
    kind = random.randrange(4)
    if kind == 0:
        return spliced(content, content, random)
    if kind == 1:
        return with_raw(content, random)
    return mutated_bytes(content, random)
