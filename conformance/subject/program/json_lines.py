"""JSON lines: messages as objects, one a line, checked before anything is read from them."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from ...process.strict_json import parse
from .question import PROTOCOL, ProgramError, in_short

Message = dict[str, Any]
START: Message = {"type": "start", "protocol": PROTOCOL}
STOP: Message = {"type": "stop"}


def line_of(message: Mapping[str, Any]) -> str:
    """Return a message as one line."""
    return json.dumps(message, separators=(",", ":")) + "\n"


def parse_line(line: str, kind: str) -> Message:
    """Return the message in a line, whatever program wrote it.

    Args:
        line: the line.
        kind: the definition of the schema that it must follow: `answer`, `started` or `question`.

    Raises:
        ProgramError: it is no JSON, or does not follow the schema.
    """
    try:
        message = parse(line)
        _validator(kind)(message)
    except (ValueError, fastjsonschema.JsonSchemaException) as error:
        raise ProgramError(
            f"a line on stdout must be a message of the protocol, got {in_short(line)}: {error}"
        ) from None
    return message  # type: ignore[no-any-return]


@cache
def _validator(kind: str) -> Callable[[Any], Any]:
    text = Path(__file__).with_name("protocol.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    part = {"$schema": schema["$schema"], "definitions": schema["definitions"]}
    return fastjsonschema.compile(  # type: ignore[no-any-return]
        {**part, "$ref": f"#/definitions/{kind}"}
    )
