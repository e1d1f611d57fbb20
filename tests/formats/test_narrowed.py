"""Lines that are read with few fields are the same lines."""

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from costsim.formats.shared.narrowed import Narrowed
from costsim.schema import columns_of


class _Row(msgspec.Struct, kw_only=True, gc=False):
    number: int
    name: str | None = None
    at: float | str | None = msgspec.field(default=None, name="@timestamp")
    never: None = None


_VALUES = st.sampled_from((1, "x", None, {"a": 1}))
_LINE = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("number", "name", "@timestamp", "never", "x-1", "\u00e9", 'a "word"', "\\", "\n"), _VALUES),
)
_MANY = st.integers(0, 40).map(
    lambda first: {"number": first, **{f"key {key}": key for key in range(first, first + 50)}}
)


@given(st.lists(st.lists(_LINE | _MANY, max_size=4).map(lambda rows: [json.dumps(row).encode() for row in rows])))
def test_lines_with_all_kinds_of_keys_are_read_as_the_whole_struct_reads_them(blocks: list[list[bytes]]) -> None:
    narrowed = Narrowed(_Row)
    for block in blocks:
        lines = [*block, b'{"new": 1, "number": 2', b"[]"]
        rows, places = list[_Row](), []
        for place, line in enumerate(block):
            try:
                rows.append(msgspec.json.decode(line, type=_Row))
            except msgspec.ValidationError:
                continue
            places.append(place)
        found, at = narrowed.columns(lines)
        expected: dict[str, Any] = {name: [*values] for name, values in columns_of(_Row, rows).items()}
        assert ({name: [*values] for name, values in found.items()}, at) == (expected, places)


def test_a_key_that_is_no_text_is_skipped_as_any_other() -> None:
    lines = [
        b'{"number": 1}',
        b'{"\xff": 2, "number": 2}',
        b'{"new": 3, "number": 3, "name": "\xff"}',
        b'{"number": 4}',
    ]
    found, places = Narrowed(_Row).columns(lines)
    assert ([*found["number"]], places) == ([1, 2, 4], [0, 1, 3])
