"""What is known about every model of a table, as columns beside its index: for asking about many calls at once."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from costsim.prices.facts import ModelFacts

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.int8]

NOT_KNOWN = -1
LONG_AGO, NEVER = -(2**62), 2**62
"""A release that is not known was long ago, and a retirement that is not known never comes."""

_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000_000


class FactColumns(msgspec.Struct, frozen=True):
    """One row per model index and one more, the last: nothing is known about model -1.

    Numbers are -1 where not known; flags are 1 yes, 0 no, -1 not known.
    """

    context_window: Ints
    """Tokens of prompt and answer, or of the prompt where the provider limits them apart."""
    max_output_tokens: Ints
    cache_min_tokens: Ints
    """Prompts shorter than this are never cached."""
    cache_step: Ints
    """Reads from the cache are whole multiples of so many tokens."""
    cache_seconds: Ints
    """How long a cache entry is kept if nothing else is asked for."""
    cache_automatic: Flags
    """Whether prompts are cached without being asked to."""
    cache_refreshed: Flags
    """Whether every read of a cache entry begins its lifetime anew."""
    tools: Flags
    json: Flags
    vision: Flags
    audio: Flags
    reasoning: Flags
    released: Ints
    """UTC microseconds of the first day; LONG_AGO where not known."""
    retires: Ints
    """UTC microseconds from which it is no longer served; NEVER where not known."""
    tokenizer: npt.NDArray[np.int16]
    """Place in `tokenizers`, or -1."""
    tokenizers: tuple[str, ...]
    """Families of models that count the same tokens in a text."""


def columns_of(models: Sequence[ModelFacts]) -> FactColumns:
    """Return the facts of models in the order of their indices."""
    families = tuple(sorted({facts.tokenizer for facts in models if facts.tokenizer}))
    codes = {family: code for code, family in enumerate(families)}
    return FactColumns(
        context_window=_numbers(models, lambda facts: facts.context_window),
        max_output_tokens=_numbers(models, lambda facts: facts.max_output_tokens),
        cache_min_tokens=_numbers(models, lambda facts: facts.cache_min_tokens),
        cache_step=_numbers(models, lambda facts: facts.cache_step),
        cache_seconds=_numbers(models, lambda facts: facts.cache_seconds),
        cache_automatic=_flags(models, lambda facts: facts.cache_automatic),
        cache_refreshed=_flags(models, lambda facts: facts.cache_refreshed),
        tools=_flags(models, lambda facts: facts.can("tools")),
        json=_flags(models, lambda facts: facts.can("json")),
        vision=_flags(models, lambda facts: facts.can("vision")),
        audio=_flags(models, lambda facts: facts.can("audio")),
        reasoning=_flags(models, lambda facts: facts.can("reasoning")),
        released=_days(models, lambda facts: facts.released, LONG_AGO),
        retires=_days(models, lambda facts: facts.retires, NEVER),
        tokenizer=np.array([codes.get(f.tokenizer or "", NOT_KNOWN) for f in models] + [NOT_KNOWN], np.int16),
        tokenizers=families,
    )


def _numbers(models: Sequence[ModelFacts], fact: Callable[[ModelFacts], int | None]) -> Ints:
    return _column(map(fact, models), NOT_KNOWN, np.int64)


def _flags(models: Sequence[ModelFacts], fact: Callable[[ModelFacts], bool | None]) -> Flags:
    return _column(map(fact, models), NOT_KNOWN, np.int8)


def _days(models: Sequence[ModelFacts], fact: Callable[[ModelFacts], str | None], unknown: int) -> Ints:
    found = map(fact, models)
    moments = ((date.fromisoformat(day) - _EPOCH).days * _DAY if day else None for day in found)
    return _column(moments, unknown, np.int64)


def _column(values: Any, unknown: int, kind: Any) -> npt.NDArray[Any]:
    return np.array([unknown if value is None else value for value in (*values, None)], kind)
