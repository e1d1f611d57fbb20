"""The sums of one batch of calls, and how the sums of all batches add up: everything of a report that needs no second look."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from costsim import cost
from costsim.replay import COMPUTED, REPORTED, UNPRICED
from costsim.summary import comparison, dimensions
from costsim.summary.comparison import Compared
from costsim.summary.findings import FINDINGS, TRENDS, Case
from costsim.summary.findings.contract import Ints, Label, Savings
from costsim.summary.observed import Seen, seen
from costsim.summary.priced import Priced
from costsim.summary.tally import Key, Tally, crossed, sums_by, total

MEASURES = (
    "calls",
    "priced",
    "errors",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost",
    "reported_calls",
    "reported_cost",
)
"""What is summed in every group."""

UNSURE = 0.6
"""Below this confidence, a task counts as not known."""

UnpricedKey = tuple[str | None, str | None]


@dataclass
class Sums:
    """What all batches add up to."""

    groups: Tally = field(default_factory=lambda: Tally(MEASURES))
    trends: dict[str, Tally] = field(default_factory=lambda: {trend.ID: Tally(trend.MEASURES) for trend in TRENDS})
    parts: Counter[str] = field(default_factory=Counter)
    """Unit -> computed cost."""
    bases: Counter[str] = field(default_factory=Counter)
    """Tokens basis -> calls."""
    computed: int = 0
    reported: int = 0
    before_first: int = 0
    unsure_cost: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unpriced: dict[UnpricedKey, list[int]] = field(default_factory=dict)
    """(model, provider) -> calls, input and output tokens without a price."""
    first_at: int | None = None
    last_at: int | None = None
    seen: Seen = field(default_factory=Seen)
    compared: Compared = field(default_factory=Compared)
    cases: dict[str, dict[Label, list[int]]] = field(default_factory=dict)
    """Finding -> case -> calls, saving, spend."""
    together: int = 0
    """What the findings could save together: no call more than it cost."""

    def take(self, priced: Priced, groupings: Sequence[tuple[str, ...]], timezone: str) -> None:
        """Add a batch of calls."""
        values = _values(priced)
        for names in groupings:
            self.groups.count(names, [dimensions.codes(priced.calls, name, timezone) for name in names], values)
        self._take_costs(priced)
        self._take_times(priced)
        self._take_unpriced(priced, values)
        self._take_findings(priced)
        self.seen.add(seen(priced))
        self.compared.add(comparison.compare(priced))

    def add(self, other: "Sums") -> None:
        """Add the sums of other batches."""
        self.groups.add(other.groups)
        for name, tally in other.trends.items():
            self.trends[name].add(tally)
        for mine, more in ((self.parts, other.parts), (self.bases, other.bases), (self.reasons, other.reasons)):
            mine.update(more)
        for name in ("computed", "reported", "before_first", "unsure_cost", "together"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for pair, sums in other.unpriced.items():
            _add_to(self.unpriced, pair, sums)
        for finding, cases in other.cases.items():
            for label, sums in cases.items():
                _add_to(self.cases.setdefault(finding, {}), label, sums)
        self.first_at = min((at for at in (self.first_at, other.first_at) if at is not None), default=None)
        self.last_at = max((at for at in (self.last_at, other.last_at) if at is not None), default=None)
        self.seen.add(other.seen)
        self.compared.add(other.compared)

    def _take_findings(self, priced: Priced) -> None:
        saved = np.zeros(len(priced), np.int64)
        for finding in FINDINGS:
            savings = finding.savings(priced)
            if len(savings.rows):
                saved[savings.rows] += savings.amount
                self._take_cases(finding.ID, savings, priced)
        self.together += total(np.clip(saved, 0, priced.cost))
        for trend in TRENDS:
            codes, measured = trend.sums(priced)
            self.trends[trend.ID].count(trend.GROUPING, codes, measured)

    def _take_cases(self, finding: str, savings: Savings, priced: Priced) -> None:
        words = [priced.word(label) for label in savings.labels]
        codes, keys = crossed([(each[savings.rows], labels) for each, labels in words], len(savings.rows))
        columns = (np.ones(len(codes), np.int64), savings.amount, priced.cost[savings.rows])
        for key, *sums in zip(keys, *(sums_by(codes, len(keys), column) for column in columns), strict=True):
            _add_to(self.cases.setdefault(finding, {}), key, sums)

    def all_cases(self) -> dict[str, list[Case]]:
        """Return the cases of every finding and trend that save anything."""
        found = {
            finding.ID: [Case(label, *sums) for label, sums in self.cases.get(finding.ID, {}).items() if sums[1] > 0]
            for finding in FINDINGS
        }
        for trend in TRENDS:
            found[trend.ID] = [case for case in trend.cases(self.trends[trend.ID]) if case.saving > 0]
        return found

    def _take_costs(self, priced: Priced) -> None:
        replay = priced.replay
        for unit, part in replay.costs.parts.items():
            self.parts[unit] += total(np.where(replay.basis == COMPUTED, part, 0))
        self.computed += int((replay.basis == COMPUTED).sum())
        self.reported += int((replay.basis == REPORTED).sum())
        self.before_first += int((replay.costs.before_first & (replay.basis == COMPUTED)).sum())
        confidence = priced.calls.column("task_confidence").to_numpy()
        chat = priced.among("operation", {"chat", "completion"})
        self.unsure_cost += total(np.where((confidence < UNSURE) & chat, replay.cost, 0))
        codes, labels = priced.word("tokens_basis")
        codes = codes[replay.attempts.billed]
        for label, count in zip(labels, np.bincount(codes, minlength=len(labels)).tolist(), strict=True):
            if count:
                self.bases[label or "unknown"] += count

    def _take_times(self, priced: Priced) -> None:
        at = priced.number("started_at")
        at = at[at >= 0]
        if len(at):
            first, last = int(at.min()), int(at.max())
            self.first_at = first if self.first_at is None else min(self.first_at, first)
            self.last_at = last if self.last_at is None else max(self.last_at, last)

    def _take_unpriced(self, priced: Priced, values: dict[str, Ints]) -> None:
        rows = np.flatnonzero(priced.replay.basis == UNPRICED)
        if not len(rows):
            return
        reasons = np.bincount(priced.replay.costs.reason[rows], minlength=len(cost.REASONS)).tolist()
        for reason, count in zip(cost.REASONS, reasons, strict=True):
            if count:
                self.reasons[reason or "no reported cost"] += count
        unknown = rows[priced.replay.costs.reason[rows] == cost.NO_PRICE]
        codes, keys = crossed([_at(priced, "model", unknown), _at(priced, "provider", unknown)], len(unknown))
        columns = [values[measure][unknown] for measure in ("calls", "input_tokens", "output_tokens")]
        for key, *sums in zip(keys, *(sums_by(codes, len(keys), column) for column in columns), strict=True):
            _add_to(self.unpriced, (key[0], key[1]), sums)


def _add_to(sums: dict[Any, list[int]], key: Any, more: list[int]) -> None:
    known = sums.get(key)
    sums[key] = list(more) if known is None else [a + b for a, b in zip(known, more, strict=True)]


def _at(priced: Priced, name: str, rows: Ints) -> tuple[Ints, list[str | None]]:
    codes, labels = priced.word(name)
    return codes[rows], labels


def _values(priced: Priced) -> dict[str, Ints]:
    """Each call's value of each measure."""
    replay = priced.replay
    counts = {name: np.maximum(priced.number(name), 0) for name in MEASURES if name.endswith("_tokens")}
    return {
        "calls": np.ones(len(priced), np.int64),
        "priced": replay.known.astype(np.int64),
        "errors": priced.among("status", {"error"}).astype(np.int64),
        **counts,
        "cost": replay.cost,
        "reported_calls": (replay.reported >= 0).astype(np.int64),
        "reported_cost": np.maximum(replay.reported, 0),
    }


def key_of(names: tuple[str, ...], key: Key) -> list[str | None] | str | None:
    """Return a group's key as a report shows it: the value itself, or a list of values where dimensions are crossed."""
    return key[0] if len(names) == 1 else list(key)
