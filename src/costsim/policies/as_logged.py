"""The policy that history followed: each call is one attempt, on the model, tier and tokens that the log states."""

from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.cost import Usage
from costsim.policies.attempts import Attempts
from costsim.prices import NO_TIME, UNITS, PriceTable, tier_code
from costsim.schema import dates, flags, is_one_word, stated_numbers, whole_numbers, words

OF_MODEL = ("provider", "model", "region")
"""What tells which model of the price table a call was served by."""

COLUMNS = (
    "started_at",
    *OF_MODEL,
    "service_tier",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "web_searches",
    "file_searches",
    "map_searches",
    "fees",
    "billed",
)
"""The columns of `calls` that this policy reads."""

_THINGS = {"file_search": "file_searches", "map_search": "map_searches"}
_decode = msgspec.json.Decoder(dict[str, int]).decode


class AsOf(NamedTuple):
    """The day whose prices hold: each call's own (`at` is None), or one for all."""

    at: int | None = None
    """UTC microseconds."""


LOGGED = AsOf()


def attempts(calls: pa.Table, prices: PriceTable, as_of: AsOf = LOGGED) -> Attempts:
    """Return one attempt for each call."""
    at = dates(calls, NO_TIME)
    tier_of, tiers = words(calls, "service_tier")
    usage = Usage(
        model=models(calls, prices),
        at=at if as_of.at is None else np.full(len(at), as_of.at, np.int64),
        tier=np.array([tier_code(tier) for tier in tiers], np.int16).take(tier_of),
        input_tokens=whole_numbers(calls, "input_tokens"),
        output_tokens=whole_numbers(calls, "output_tokens"),
        cache_read_tokens=stated_numbers(calls, "cache_read_tokens"),
        cache_write_tokens=stated_numbers(calls, "cache_write_tokens"),
        cache_write_1h_tokens=stated_numbers(calls, "cache_write_1h_tokens"),
        reasoning_tokens=stated_numbers(calls, "reasoning_tokens"),
        audio_input_tokens=stated_numbers(calls, "audio_input_tokens"),
        audio_output_tokens=stated_numbers(calls, "audio_output_tokens"),
        image_input_tokens=stated_numbers(calls, "image_input_tokens"),
        image_output_tokens=stated_numbers(calls, "image_output_tokens"),
        web_searches=stated_numbers(calls, "web_searches"),
        things=_things(calls),
    )
    return Attempts(np.arange(len(at)), usage, flags(calls, "billed"))


def _things(calls: pa.Table) -> dict[str, NDArray[np.int64]]:
    """What is billed by the piece: unit -> how many in each call."""
    found = {unit: counts for unit, name in _THINGS.items() if (counts := stated_numbers(calls, name)) is not None}
    which, texts = words(calls, "fees")
    fees = [_fees(text) for text in texts]
    for unit in sorted({unit for each in fees for unit in each}):
        found[unit] = np.array([each.get(unit, 0) for each in fees], np.int64)[which]
    return found


@lru_cache(maxsize=4096)
def _fees(text: str | None) -> dict[str, int]:
    """The pieces that a call is billed for, of units that are known."""
    try:
        return {} if text is None else {u: n for u, n in _decode(text).items() if u in UNITS}
    except msgspec.DecodeError:  # a table that somebody wrote by hand
        return {}


def models(calls: pa.Table, prices: PriceTable) -> NDArray[np.int32]:
    """Return the index of each call's model in the price table; -1 where its name is unknown."""
    provider, providers = _different(*words(calls, "provider"))
    model, names = words(calls, "model")
    region, regions = _different(*words(calls, "region"))
    combined = model if len(providers) == 1 else provider * len(names) + model
    if len(regions) > 1:
        combined = combined * len(regions) + region
    size = len(providers) * len(names) * len(regions)
    found = np.full(size, -1, np.int32)
    for code in np.flatnonzero(np.bincount(combined, minlength=size)).tolist():
        of_provider, name = divmod(code // len(regions), len(names))
        found[code] = prices.index_of(providers[of_provider], names[name], regions[code % len(regions)])
    return found.take(combined)


def _different(codes: NDArray[np.int64], labels: list[str | None]) -> tuple[NDArray[np.int64], list[str | None]]:
    """Words without those that no call has, where all calls have the same."""
    return (codes, labels[:1]) if is_one_word(codes) or not codes.any() else (codes, labels)
