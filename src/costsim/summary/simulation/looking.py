"""What the log itself shows, looked at before any policy is replayed: rates, durations, and token factors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from costsim import projection
from costsim.ingest.store import Store
from costsim.policies import as_logged
from costsim.policies.columns import Columns
from costsim.policies.document import Escalate
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.projection import Answered, Factors, Measured, Stated
from costsim.replay import eligible, observed
from costsim.replay.failures import failed
from costsim.replay.observed import Observed
from costsim.summary.audit import Question
from costsim.summary.simulation.parts import Parts, spread

if TYPE_CHECKING:
    from costsim.summary.simulation.simulate import Ask

COLUMNS = (*observed.COLUMNS, *eligible.COLUMNS, "prompt_hash")
"""Columns of `calls` that are looked at, besides those of `as_logged`."""


@dataclass
class Looked:
    """What the log shows."""

    observed: Observed = field(default_factory=Observed)
    measured: Measured = field(default_factory=Measured)

    def factors(self, policy: Policy, prices: PriceTable) -> Factors:
        """Return the token factors of this log under the assumptions of a policy."""
        assume = policy.assume
        return projection.factors(
            self.measured, _by_key(assume.input_tokens, prices), _by_key(assume.output_tokens, prices)
        )


def _by_key(stated: Stated, prices: PriceTable) -> Stated:
    """A policy names models as people do; factors know them by their key."""
    if isinstance(stated, str):
        return stated
    return {prices.book.keys[prices.index_of(None, name)]: factor for name, factor in stated.items()}


class _Look:
    """What every process needs to look at a part."""

    def __init__(self, store: Store, prices: PriceTable, question: Question) -> None:
        columns = sorted({*as_logged.COLUMNS, *COLUMNS} | question.selection.columns())
        self.parts = Parts(store, question, columns)
        self._prices = prices
        self.tasks: list[str | None] = []

    def observed(self, parts: Sequence[int]) -> Observed:
        """Return what some parts of the store show."""
        found = Observed()
        for number in parts:
            calls = self.parts.calls(number)
            found.take(calls, as_logged.models(calls, self._prices).astype(np.int64))
        return found

    def answered(self, part: int) -> Answered:
        """Return the calls of a part that were answered in full: what their tokens say of their model."""
        calls = self.parts.calls(part)
        columns = Columns(calls)
        codes, labels = columns.word("task")
        self.tasks += [label for label in labels if label not in self.tasks]
        places = np.array([self.tasks.index(label) for label in labels], np.int32)
        found = Answered(
            calls.column("prompt_hash").fill_null(0).to_numpy(),
            as_logged.models(calls, self._prices),
            places[codes],
            columns.number("input_tokens"),
            columns.number("output_tokens"),
            columns.number("reasoning_tokens"),
        )
        return found.only(~failed(columns) & columns.flag("billed"))


def look(store: Store, prices: PriceTable, ask: "Ask", workers: int | None) -> Looked:
    """Return what the log shows, as far as a policy wants to know it."""
    found, looker, calls = Looked(), _Look(store, prices, ask.question), store.manifest.calls
    if any(wants_rates(run.policy) for run in ask.runs):
        for part in spread(looker.observed, len(looker.parts), calls, workers):
            found.observed.add(part)
    if any(wants_factors(run.policy) for run in ask.runs):
        keys = prices.book.keys
        found.measured = projection.measure(looker.answered, len(looker.parts), calls, keys, looker.tasks)
    return found


def wants_rates(policy: Policy) -> bool:
    """Return whether a policy asks how often calls fail, or how long they take."""
    cascades = [rule.route.escalate or Escalate() for rule in policy.rules if rule.route.cascade]
    falls = policy.fallback is not None and policy.fallback.rate == "observed"
    return falls or policy.limits.p95_latency_ms is not None or any(_is_observed(each.rate) for each in cascades)


def wants_factors(policy: Policy) -> bool:
    """Return whether a policy projects tokens."""
    return policy.assume.input_tokens != "same" or policy.assume.output_tokens != "same"


def _is_observed(rate: object) -> bool:
    return rate == "observed" or isinstance(rate, dict)
