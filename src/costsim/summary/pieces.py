"""What long requests would have cost, had the same tokens been sent in several requests below a size."""

import numpy as np
from msgspec.structs import replace

from costsim import cost
from costsim.cost import Costs, Usage
from costsim.summary.priced import Ints, Priced

_PARTS = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


def saved_in_pieces(priced: Priced, rows: Ints, most: Ints) -> Ints:
    """Return what each call would have cost less in pieces of fewer than `most` tokens; 0 where unknown.

    Each unit's count is divided by the number of pieces, and one more piece has the remainders, so that every
    token is billed once, at the rates of a short prompt. Audio and images are not divided: such calls save 0.
    """
    usage = priced.usage.part(rows)
    pieces = usage.input_tokens // np.maximum(most - 1, 1) + 1
    each, rest = _divided(usage, pieces)
    many = cost.price(each, priced.prices, parts=False)
    one = cost.price(rest, priced.prices, parts=False)
    whole = _without_modalities(usage) & many.known & one.known & priced.replay.costs.known[rows]
    return np.where(whole, priced.cost[rows] - _sum(many, pieces, one), 0)


def _sum(many: Costs, pieces: Ints, one: Costs) -> Ints:
    return np.asarray(many.cost * pieces + one.cost, np.int64)


def _divided(usage: Usage, pieces: Ints) -> tuple[Usage, Usage]:
    """One of the equal pieces, and the rest; both consistent: a total is the sum of its parts."""
    counts = {name: _count(usage, name) for name in (*_PARTS, "cache_write_1h_tokens")}
    counts["cache_write_tokens"] -= counts["cache_write_1h_tokens"]
    fresh = usage.input_tokens - sum(counts[name] for name in counts if name != "reasoning_tokens")
    said = usage.output_tokens - counts["reasoning_tokens"]
    return (
        _usage(usage, {name: count // pieces for name, count in counts.items()}, fresh // pieces, said // pieces),
        _usage(usage, {name: count % pieces for name, count in counts.items()}, fresh % pieces, said % pieces),
    )


def _usage(usage: Usage, counts: dict[str, Ints], fresh: Ints, said: Ints) -> Usage:
    read, reasoning = counts["cache_read_tokens"], counts["reasoning_tokens"]
    written = counts["cache_write_tokens"] + counts["cache_write_1h_tokens"]
    return replace(
        usage,
        input_tokens=fresh + read + written,
        output_tokens=said + reasoning,
        cache_read_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=counts["cache_write_1h_tokens"],
        reasoning_tokens=reasoning,
        web_searches=None,
        things={},
    )


def _without_modalities(usage: Usage) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    plain = np.ones(len(usage), bool)
    for name in (
        "audio_input_tokens",
        "audio_output_tokens",
        "image_input_tokens",
        "image_output_tokens",
        "web_searches",
    ):
        plain &= _count(usage, name) == 0
    for count in usage.things.values():
        plain &= count <= 0
    return plain


def _count(usage: Usage, name: str) -> Ints:
    column = getattr(usage, name)
    return np.zeros(len(usage), np.int64) if column is None else np.maximum(column, 0).astype(np.int64)
