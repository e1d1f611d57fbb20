"""Failed attempts: tried again, then given to another model; what failed is paid where failures are billed."""

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from costsim.policies.attempts import Ints, Kind, Leg, times
from costsim.policies.columns import renumbered
from costsim.policies.document import Fallback, Target
from costsim.replay.desk import BatchDesk


def with_failures(leg: Leg, fallback: Fallback, desk: BatchDesk) -> Iterator[Leg]:
    """Yield a leg, its retries, and what falls back on other models, each with its share.

    A call on the model of the log does not fail anew: the log shows what became of it.
    """
    stays = leg.model == desk.logged(leg.rows)
    if stays.any():
        yield leg.part(stays)
    moved = leg.part(~stays)
    if not len(moved.rows):
        return
    for attempt in range(fallback.retries + 1):
        fails, billed = _rates(moved.model, fallback, desk)
        lost = times(moved.share, fails)
        yield replace(moved, paid=moved.share - lost + times(lost, billed), kind=Kind.RETRY if attempt else leg.kind)
        moved = replace(moved, share=lost)
        if not lost.any():
            return
    yield from _others(moved, fallback, desk)


def _others(failed: Leg, fallback: Fallback, desk: BatchDesk) -> Iterator[Leg]:
    """The models that the policy falls back on, one after the other; the last one's failures end the call."""
    for name in fallback.then:
        model = desk.choose(Target(model=name), failed.rows)
        can = (model >= 0) & (model != failed.model) & (failed.share > 0)
        part = replace(failed.part(can), model=model[can], kind=Kind.FALLBACK)
        if not len(part.rows):
            continue
        fails, billed = _rates(part.model, fallback, desk)
        fails[part.model == desk.logged(part.rows)] = 0
        lost = times(part.share, fails)
        yield replace(part, paid=part.share - lost + times(lost, billed))
        failed = replace(part, share=lost)


def _rates(model: Ints, fallback: Fallback, desk: BatchDesk) -> tuple[Ints, Ints]:
    """The share of attempts that fail, and of these the share that is billed, by model."""
    found, which = renumbered(model + 1, len(desk.prices) + 1)
    models = (found - 1).tolist()
    fails = np.array([desk.rates.failure(fallback, index) for index in models], np.int64)[which]
    billed = np.array([desk.rates.billed(index) for index in models], np.int64)[which]
    return fails, billed
