"""Which models count the same tokens in a text; the table is tokenizers.yaml."""

import re
from functools import cache
from pathlib import Path

import msgspec

from costsim.decode import read_yaml


class _Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    family: str
    match: str


def tokenizer_of(model: str) -> str | None:
    """Return the family of a model's tokenizer; None where it is not known."""
    name = model.lower().rpartition("/")[2]
    return next((family for pattern, family in _families() if pattern.search(name)), None)


@cache
def _families() -> list[tuple[re.Pattern[str], str]]:
    listed = read_yaml(Path(__file__).with_suffix(".yaml"), list[_Family])
    return [(re.compile(one.match), one.family) for one in listed]
