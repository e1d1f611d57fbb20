"""Which calls find less in the cache under each run, because calls before them move: for all runs and parts together.

Only logs with cache reads are looked at, and of these only chains of calls in which some read what others stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from costsim.ingest.ties.buckets import buckets_of
from costsim.policies import as_logged
from costsim.policies.attempts import Bools, Ints
from costsim.prices import PriceTable
from costsim.replay import warmed
from costsim.replay.cells.rates import rates, unread
from costsim.replay.colder import staying
from costsim.replay.outcome import NOTHING_SOLVED, Simulated, Solved
from costsim.replay.simulating import BatchSimulation
from costsim.replay.timed import caches
from costsim.replay.warmed import Linked, Turns, counted
from costsim.summary.question import Question
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.parts import Batches, Parts, spread
from costsim.summary.simulation.sums import OneByOne, PolicySums, expected_of_calls

MOST_CALLS = 200_000
"""Of a log with more, a second or more would be added to replays of cells that are as quick."""
Routed = tuple[BatchSimulation, Simulated, Ints]
"""A batch of calls under a run, and the rows of it that were asked for."""
Routes = Callable[[int, Ints], Iterator[Routed]]
"""(part, rows) -> these calls under one run after the other."""


class LostHits(msgspec.Struct, frozen=True):
    """Tokens that calls do not find in the cache, by run and part."""

    runs: Sequence[Mapping[int, tuple[Ints, Ints]]] = ()
    """Part -> rows of the part, in order, and their tokens."""

    def of(self, run: int, part: int) -> tuple[Ints, Ints] | None:
        """Return the rows of a part that lose tokens under a run, and how many; None where none does."""
        return self.runs[run].get(part) if self.runs else None

    def spread(self, run: int, part: int, calls: int) -> Ints | None:
        """Return the tokens that each call of a part loses; None where none does."""
        if (known := self.of(run, part)) is None:
            return None
        found = np.zeros(calls, np.int64)
        found[known[0]] = known[1]
        return found


class _Search:
    """The chains of a log, part by part."""

    def __init__(self, parts: Parts, prices: PriceTable) -> None:
        self._parts, self._prices = parts, prices
        self._seconds = caches.own_seconds(prices)

    def turns(self, parts: Sequence[int]) -> list[Turns]:
        """Return the calls of some parts that may go on from each other."""
        return [
            warmed.turns_of(number, calls, self._prices, self._seconds)
            for number, calls in self._parts.each(parts)
            if calls.num_rows
        ]


class _Routing:
    """Which of the calls of chains stay under each run."""

    def __init__(self, turns: Turns, routes: Routes) -> None:
        self._turns, self._routes = turns, routes

    def stay(self, parts: Sequence[int]) -> list[tuple[Ints, Bools]]:
        """Return the places of the calls of some parts, and for each run which of them stay: [runs, calls]."""
        found = []
        for number in parts:
            places = np.flatnonzero(self._turns.part == number)
            if len(places):
                routed = self._routes(number, self._turns.row[places])
                found.append((places, np.stack([stay(batch, simulated)[rows] for batch, simulated, rows in routed])))
        return found


def stay(batch: BatchSimulation, simulated: Simulated) -> Bools:
    """Return which calls of a batch, or cells, are asked, as a whole, of the model that they were on."""
    found: Bools = simulated.kept & ~simulated.served
    for spent in simulated.spent:
        found[spent.leg.rows[staying(spent.leg, batch.past.attempts.usage)]] = True
    return found


def is_wanted(ask: Ask, calls: int) -> bool:
    """Return whether it is found out for a log of so many calls: few, or where prompt caches are simulated anyway."""
    return calls <= MOST_CALLS or any(caches.wanted(run.policy) for run in ask.runs)


def kept(batch: BatchSimulation) -> tuple[Ints, Ints, Ints]:
    """Return which calls with a price read from a cache for less, how many tokens, and what these would cost unread."""
    usage = batch.past.attempts.usage
    tokens, model = counted(usage, "cache_read_tokens"), usage.model.astype(np.int64)
    of_calls = rates(batch.prices, model, usage.at, usage.tier.astype(np.int64))
    more = np.where(batch.past.known, unread(of_calls, model, tokens), 0)
    return (more > 0).astype(np.int64), np.where(more > 0, tokens, 0), more


def find(
    store: Batches, question: Question, at_once: int, prices: PriceTable, routes: Routes, workers: int | None
) -> LostHits:
    """Return what calls lose under each run, in parts of about so many calls; `routes` says where they go.

    Memory: some 100 bytes for each call of a log with cache reads, 250 where prompts are known.
    """
    columns = {*as_logged.COLUMNS, *warmed.COLUMNS, *question.selection.columns()}
    parts, calls = Parts(store, question, sorted(columns), at_once), store.manifest.calls
    some = [each for found in spread(_Search(parts, prices).turns, len(parts), calls, workers) for each in found]
    chains = warmed.linked(Turns.together(some)) if some else None
    if chains is None or not len(chains.turns):
        return LostHits()
    routed = [
        each for found in spread(_Routing(chains.turns, routes).stay, len(parts), calls, workers) for each in found
    ]
    places, stays = (np.concatenate(each, axis=-1) for each in zip(*routed, strict=True))
    return LostHits([_by_part(chains, each) for each in stays[:, np.argsort(places)]])


def add(sums: PolicySums, batch: BatchSimulation, tokens: Ints, *, is_policy: bool) -> None:
    """Add what calls cost more that lose so many tokens, where sums hold them as if they lost none."""
    legs, past = batch.legs(NOTHING_SOLVED), batch.past
    now, before = (batch.priced(legs, solved) for solved in (Solved(lost=tokens), NOTHING_SOLVED))
    sums.take_difference(now, before, OneByOne(past), batch.columns)
    if is_policy:
        more = expected_of_calls(now, past) - expected_of_calls(before, past)
        sums.take_buckets(more, buckets_of(batch.columns.calls))


def _by_part(chains: Linked, stays: Bools) -> dict[int, tuple[Ints, Ints]]:
    tokens = chains.lost(stays)
    found, turns = {}, chains.turns
    losing = np.flatnonzero(tokens > 0)
    for number in np.unique(turns.part[losing]).tolist():
        places = losing[turns.part[losing] == number]
        places = places[np.argsort(turns.row[places])]
        found[number] = turns.row[places], tokens[places]
    return found
