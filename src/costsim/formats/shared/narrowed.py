"""Lines of a log, column by column, read as structs that have no fields but those that its lines have.

msgspec fills in every field of every line, and a log has few of all those that are known. Measured on OpenAI chats: 9
fields in place of 47 save 2 % of what an audit takes.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from costsim.formats.shared.envelope import NO_RAW
from costsim.schema import columns_of

_MOST_KEYS = 64
"""From more keys on, lines are no longer alike, and are read as they are in any log."""
_NO_NAME = re.compile(r'["\\\x00-\x1f]')
"""What no field of a struct may have in its name, and a key of a line may."""
_UNKNOWN = "Object contains unknown field"
"""How msgspec begins to say so. If it said it otherwise, such lines would be read one by one."""


class Narrowed:
    """Reads lines as rows of a kind; keys of lines are learnt as they come, and what is found is the same without."""

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        """`kind`: a struct whose fields are required or have a plain default, and that skips other keys of a line."""
        self._kind = self._narrow = kind
        self._fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        self._keys: dict[str, None] = {}
        """In their order within lines, in which they are found at once."""
        self._learn([name for name, field in self._fields.items() if field.required])

    def columns(self, lines: Sequence[bytes]) -> tuple[dict[str, Sequence[Any]], list[int]]:
        """Return the fields of all lines that are of the kind: name -> value in each; and which lines those are."""
        rows: list[Any] = []
        places = []
        for place, line in enumerate(lines):
            try:
                rows.append(self._decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
                if self._may_be_a_key(problem) and self._learns_of(line):
                    return self.columns(lines)
                continue
            places.append(place)
        read = columns_of(self._narrow, rows)
        fields = [(field.name, field.default) for field in self._fields.values()]
        return {name: read[name] if name in read else [default] * len(rows) for name, default in fields}, places

    def _may_be_a_key(self, problem: Exception) -> bool:
        """Whether a line may be of the kind, but for its keys; msgspec cannot name one that is no text."""
        is_narrow = self._narrow is not self._kind
        return is_narrow and (isinstance(problem, UnicodeDecodeError) or str(problem).startswith(_UNKNOWN))

    def _learns_of(self, line: bytes) -> bool:
        """Whether a line has keys that were not known, as they are now."""
        try:
            keys = [key for key in _decode_keys(line) if key not in self._keys]
        except UnicodeDecodeError:  # in a key, at which those who skip it do not look
            self._narrow_no_more()
            return True
        except (msgspec.DecodeError, RecursionError):
            return False
        self._learn(keys)
        return bool(keys)

    def _learn(self, keys: Sequence[str]) -> None:
        self._keys |= dict.fromkeys(keys)
        if len(self._keys) > _MOST_KEYS or any(map(_NO_NAME.search, keys)):
            self._narrow_no_more()
            return
        fields = [self._field(number, key) for number, key in enumerate(self._keys)]
        self._narrow = msgspec.defstruct("Line", fields, kw_only=True, gc=False, forbid_unknown_fields=True)
        self._decode = msgspec.json.Decoder(self._narrow).decode

    def _narrow_no_more(self) -> None:
        """Read all lines from now on as any are, with every field."""
        self._narrow = self._kind
        self._decode = msgspec.json.Decoder(self._narrow).decode

    def _field(self, number: int, key: str) -> tuple[str, Any, Any]:
        if (known := self._fields.get(key)) is None:
            return f"_{number}", msgspec.Raw, msgspec.field(default=NO_RAW, name=key)
        return known.name, known.type, msgspec.field(default=known.default, name=key)


_decode_keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
