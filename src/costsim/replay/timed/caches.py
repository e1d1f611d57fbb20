"""What each request reads from the prompt cache of its model, and writes to it."""

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from costsim.cost import Usage
from costsim.policies import durations, ttls
from costsim.policies.attempts import WHOLE, Bools, Ints, Leg
from costsim.policies.levers import prompt_cache
from costsim.policies.levers.prompt_cache import CacheRules, Requests
from costsim.policies.policy import Policy
from costsim.prices import UNIT_CODE, PriceTable
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation
from costsim.replay.timed.cached import Caches, caches, legs_with_cache, offsets_of
from costsim.replay.timed.judging import judged
from costsim.replay.timed.timetable import Timed

COLUMNS = ("prefix_hashes", "prefix_tokens")

_HOUR = 3_600_000_000
USUAL_MINIMUM, USUAL_SECONDS = 1024, 300
"""Of a cache that need not be asked for, of which the price table says no more than that it has a price."""


def wanted(policy: Policy) -> bool:
    """Return whether prompt caches are simulated for any calls."""
    return any(caches(levers) for levers in policy.all_levers())


def solve(timed: Timed) -> Caches:
    """Return the cache use of every request of all batches."""
    lengths = [0]
    for number in range(timed.batches):
        at = _times(*timed.batch(number))
        np.save(timed.folder / f"requests-{number}.npy", at)
        lengths.append(len(at))

    def times(number: int) -> Ints:
        at: Ints = np.load(timed.folder / f"requests-{number}.npy")
        return at

    rules = cache_rules(timed.simulation.prices, timed.simulation.policy)
    use = prompt_cache.simulate(
        lambda number: _requests(*timed.batch(number)), times, timed.batches, rules, timed.folder
    )
    found = Caches(use, np.cumsum(lengths))
    return replace(found, judged=judged(timed, found))


def _times(simulation: BatchSimulation, solved: Solved) -> Ints:
    """When each of the requests is made that `_requests` returns: when its call was."""
    at = simulation.past.attempts.usage.at
    return _joined([at[leg.rows] for _, leg in legs_with_cache(simulation, solved)])


def _requests(simulation: BatchSimulation, solved: Solved) -> Requests:
    """Every request of a batch whose cache is simulated."""
    calls = simulation.columns.calls
    legs = [leg for _, leg in legs_with_cache(simulation, solved)]
    hashes, tokens = (calls.column(name).combine_chunks() for name in COLUMNS)
    counted = np.maximum(simulation.columns.number("input_tokens"), 0)
    rows = _joined([leg.rows for leg in legs])
    usages = [simulation.desk.projecting.usage(leg) for leg in legs]
    return Requests(
        at=_joined([usage.at for usage in usages]),
        model=_joined([leg.model for leg in legs]).astype(np.int32),
        share=_joined([leg.share for leg in legs]) / WHOLE,
        input_tokens=_joined([_of_prompt(leg, usage) for leg, usage in zip(legs, usages, strict=True)]),
        counted_tokens=counted[rows],
        call=rows,
        offsets=offsets_of(hashes),
        hashes=hashes.flatten().to_numpy(),
        tokens=tokens.flatten().to_numpy(),
    )


def _of_prompt(leg: Leg, usage: Usage) -> Ints:
    """The input tokens of requests, without the answer that they may read after the prompt."""
    if leg.reads_more is None:
        return usage.input_tokens.astype(np.int64)
    more = np.where(usage.input_tokens < 0, 0, np.maximum(leg.reads_more, 0))
    return usage.input_tokens - more


def cache_rules(prices: PriceTable, policy: Policy) -> CacheRules:
    """Return how every model of the table caches; for as long as the policy asks, where the model sells that."""
    facts = prices.fact_columns
    sold = _described(prices) | undescribed(prices)
    own = own_seconds(prices)
    explicit = facts.cache_automatic == 0
    seconds = own.copy()
    asked, in_vain = _asked(prices, policy), unsold(prices, policy)
    for model, ttl in asked.items():
        seconds[model] = own[model] if model in in_vain else durations.seconds(ttl) or 0
    lifetime = np.where(sold, seconds * 1_000_000, 0)
    return CacheRules(
        least=np.where(facts.cache_min_tokens < 0, USUAL_MINIMUM, facts.cache_min_tokens),
        step=np.maximum(facts.cache_step, 1),
        lifetime=lifetime,
        refreshed=facts.cache_refreshed != 0,
        everywhere=~explicit,
        writes=sold,  # at the rate of fresh input where the model sells no writes
        one_hour=explicit & ((lifetime >= _HOUR) | (seconds > own)),  # what lives longer costs more to write
    )


def undescribed(prices: PriceTable) -> Bools:
    """Return which models sell cached input for less while nothing more is known of their cache."""
    models = np.arange(len(prices))
    nothing = np.zeros(len(prices), np.int64)
    row = prices.rows(models, nothing + prices.newest_at, nothing, nothing).row
    cached, fresh = (prices.arrays.by_unit[UNIT_CODE[unit]].take(row) for unit in ("cache_read", "input"))
    sells = (row >= 0) & (cached >= 0) & (cached < fresh)
    return np.append(sells, False) & ~_described(prices)


def own_seconds(prices: PriceTable) -> Ints:
    """Return for how long each model keeps a cache entry if nothing else is asked for."""
    known = prices.fact_columns.cache_seconds
    found: Ints = np.where(known < 0, USUAL_SECONDS, known)
    return found


def _described(prices: PriceTable) -> Bools:
    """Which models' caches something is known of."""
    facts = prices.fact_columns
    found: Bools = (facts.cache_seconds >= 0) | (facts.cache_automatic >= 0) | (facts.cache_min_tokens >= 0)
    return found


def unsold(prices: PriceTable, policy: Policy) -> dict[int, str]:
    """Return the lifetime that a policy asks of models which do not sell it, by the model's index.

    None of them is named by the policy itself, which is a mistake in it: they are those of a log, or of decisions.
    """
    asked = _asked(prices, policy)
    return {model: ttl for model, ttl in asked.items() if not ttls.sells(prices.facts(model), ttl)}


def _asked(prices: PriceTable, policy: Policy) -> dict[int, str]:
    """The lifetime that a policy asks for, by the model's index."""
    on_request = np.flatnonzero(prices.fact_columns.cache_automatic[:-1] == 0).tolist()
    wishes = ttls.of_caches(((), levers) for levers in policy.all_levers())
    found: dict[int, str] = {}
    for wish, models in ttls.by_model(wishes, policy.tiers, prices):
        found |= dict.fromkeys(on_request if models is None else models, wish.ttl)
    return found


def _joined(columns: Sequence[Ints]) -> Ints:
    return np.concatenate(columns).astype(np.int64) if columns else np.zeros(0, np.int64)
