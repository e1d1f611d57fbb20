"""Calls of tools that a model wrote: whether their arguments are JSON, as whoever runs the tool needs them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from costsim.decode import is_json
from costsim.schema import BAD_TOOL_CALL, FINE

_NO_RAW = msgspec.Raw()
_QUOTE = b'"'


class _Function(msgspec.Struct, gc=False):
    arguments: msgspec.Raw = _NO_RAW


class _Called(msgspec.Struct, gc=False):
    """One call of a tool, in any of the shapes for it."""

    function: _Function | None = None
    arguments: msgspec.Raw = _NO_RAW
    parse_error: str | None = None
    """What inspect_ai says of arguments that it could not read."""


_calls = msgspec.json.Decoder(list[_Called] | _Called).decode
_text = msgspec.json.Decoder(str).decode


def check(*called: msgspec.Raw) -> str | None:
    """Return the `answer_check` of calls of tools, a list of them or one, as they stand in a log.

    None where no call has arguments. Arguments are the text of JSON, or JSON itself; none at all are fine.
    """
    found = [of_arguments(arguments) for raw in called for arguments in _arguments(raw)]
    return worst(found)


def check_plain(called: Any) -> str | None:
    """Return the `answer_check` of calls of tools that are decoded already."""
    return check(msgspec.Raw(msgspec.json.encode(called, enc_hook=str)))


def of_arguments(raw: msgspec.Raw) -> str | None:
    """Return the `answer_check` of the arguments of one call; None where there are none."""
    written = bytes(raw)
    if written[:1] != _QUOTE:
        return FINE if len(written) > 1 else None
    try:
        return of_text(_text(written))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return BAD_TOOL_CALL


def of_text(arguments: str | None) -> str | None:
    """Return the `answer_check` of arguments that are a text; None where there is none."""
    if arguments is None:
        return None
    return FINE if not arguments.strip() or is_json(arguments) else BAD_TOOL_CALL


def worst(checks: Iterable[str | None]) -> str | None:
    """Return what all checks of one answer come to."""
    found = set(checks)
    return BAD_TOOL_CALL if BAD_TOOL_CALL in found else FINE if FINE in found else None


class Pieces:
    """Arguments of tools as a recorded stream sends them, piece by piece; each call of a tool has a place."""

    def __init__(self) -> None:
        self._of_place: dict[int, list[str]] = {}
        self.placed = True
        """Whether every piece says where it belongs; else several calls may have become one text."""

    def __len__(self) -> int:
        return len(self._of_place)

    def add(self, place: int | None, piece: str | None) -> None:
        """Add what an event adds to the arguments at a place, if anything."""
        if piece is not None:
            self.placed &= place is not None
            self._of_place.setdefault(place or 0, []).append(piece)

    def joined(self) -> list[msgspec.Raw]:
        """Return the arguments of each call as an answer that is no stream has them: JSON, or the text that is none."""
        texts = ("".join(self._of_place[place]) for place in sorted(self._of_place))
        return [msgspec.Raw(text.encode() if is_json(text) else msgspec.json.encode(text)) for text in texts]


def _arguments(raw: msgspec.Raw) -> Iterable[msgspec.Raw]:
    try:
        called = _calls(raw) if len(memoryview(raw)) else []
    except (msgspec.DecodeError, RecursionError):
        return
    for each in called if isinstance(called, list) else [called]:
        if each.parse_error:
            yield msgspec.Raw(b'"{"')
        yield each.function.arguments if each.function is not None else each.arguments
