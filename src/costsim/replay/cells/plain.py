"""Which calls are plain: text alone, counted and billed as the price table says, far from any limit or other price."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from costsim.cost import Usage
from costsim.policies.attempts import Attempts, Bools, Ints
from costsim.policies.columns import one_of_each, renumbered
from costsim.policies.policy import Policy
from costsim.prices import TIERS, PriceTable
from costsim.projection import ONE
from costsim.replay.cells.bounds import AllBounds, Bounds
from costsim.replay.cells.runs import Runs
from costsim.replay.cells.tokens import Tokens

_LIKELY = 5.0
"""A token factor that is seldom exceeded."""
_ROUNDED = 4
"""Tokens by which projections of a prompt and of answers may be more than their factors say."""
_BOTH = 2
"""A request reads the prompt and perhaps an answer, and writes one: at most twice what its call did, times factors."""
_MOST_COST = 2.0**62
"""In 10^-12 USD: what all calls of a cell cost is kept in 64 bits."""
_NOT_TEXT = ("audio_input_tokens", "audio_output_tokens", "image_input_tokens", "image_output_tokens", "web_searches")


def plain(
    attempts: Attempts, kinds: tuple[Ints, Ints], reported: bool, bounds: Bounds, every: AllBounds, prices: PriceTable
) -> Bools:
    """Return which calls are plain on their own models; `reported` says whether the log claims costs.

    `kinds` are a number for each call, the same for none of another model, and a call for each number. Of those of
    `bounds`, calls are left out that are likely to come near their limits.
    """
    usage, found = attempts.usage, attempts.billed.copy()
    reads, writes = usage.input_tokens, usage.output_tokens
    found &= _priced_alike(usage, kinds, reported, every, prices)
    found &= (reads >= 0) & (writes >= 0)
    both = reads + writes
    found &= (both > 0) & (both < _below(bounds.tokens, _LIKELY)) & (writes < _below(bounds.output, _LIKELY))
    for test in _contradictions(usage):
        found &= test
    return found


def small(runs: Runs, tokens: Tokens, factors: Ints, bounds: Bounds, stated: int) -> Bools | None:
    """Return which plain calls are far from the limits of the models of `bounds`, too; None where all are.

    `factors` holds the largest token factor of each cell on any of these models, in millionths; `stated` tokens are the
    most that a policy says a request has, whatever its call had. Cells that might cost more than a number holds are
    left out.
    """
    factor = np.maximum(factors / ONE, 1.0)
    most, most_written = (_below(limit, factor) for limit in (bounds.tokens, bounds.output))
    both = tokens.input_tokens + tokens.output_tokens
    read = runs.sums(both) * factor * _BOTH + runs.counts * (stated + _ROUNDED * _BOTH)
    dear = read * bounds.rate + runs.counts * bounds.request >= _MOST_COST
    far = (both.max(initial=0) < most).all() and (tokens.output_tokens.max(initial=0) < most_written).all()
    if far and not dear.any():
        return None
    found: Bools = (both < runs.spread(most)) & (tokens.output_tokens < runs.spread(most_written))
    return found & runs.spread(~dear)


def most_stated(policy: Policy) -> int:
    """Return the most tokens that a policy says a request has, whatever its call had."""
    verifiers = [rule.route.escalate.verifier for rule in policy.rules if rule.route.escalate is not None]
    return max(((each.input_tokens or 0) + each.output_tokens for each in verifiers if each is not None), default=0)


def _below(limit: int, factor: Any) -> Any:
    return (limit - _ROUNDED) // factor


def _priced_alike(
    usage: Usage, kinds: tuple[Ints, Ints], reported: bool, every: AllBounds, prices: PriceTable
) -> Bools:
    """Which calls cost tokens times rates on their own model, as far as its prices go: none with a larger prompt."""
    which, first = kinds
    if usage.tier.any():
        tiers = len(TIERS) + 1
        distinct, which = renumbered(which * tiers + usage.tier, len(first) * tiers)
        first = one_of_each(which, len(distinct))
    model, tier = usage.model.take(first), usage.tier.take(first)
    largest = np.zeros(len(first), np.int64)
    for kind, (index, is_sold) in enumerate(zip(model.tolist(), prices.sells(model, tier).tolist(), strict=True)):
        if is_sold and every.of_model(index).steady and not (reported and prices.arrays.charged[index]):
            largest[kind] = every.of_model(index).prompt
    found: Bools = usage.input_tokens < largest.take(which)
    return found


def _contradictions(usage: Usage) -> Iterator[Bools]:
    """Tests that fail where the parts of a call's tokens contradict each other, or are not text."""
    for counts in (*(getattr(usage, name) for name in _NOT_TEXT), *usage.things.values()):
        if counts is not None:
            yield (counts == 0) | (counts == -1)
    parts = (
        (usage.cache_read_tokens, usage.cache_write_tokens),
        (usage.cache_write_1h_tokens,),
        (usage.reasoning_tokens,),
    )
    wholes = (usage.input_tokens, usage.cache_write_tokens, usage.output_tokens)
    for some, whole in zip(parts, wholes, strict=True):
        stated = [counts for counts in some if counts is not None]
        for counts in stated:
            yield counts >= -1
        if stated:
            total = sum((np.maximum(counts, 0) for counts in stated), np.int64(0))
            yield total <= (0 if whole is None else np.maximum(whole, 0))
