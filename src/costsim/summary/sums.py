"""The sums of one batch of calls, and how the sums of all batches add up: all of a report that needs no second look."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import asdict

from costsim import cost
from costsim.replay import COMPUTED, REPORTED, UNPRICED
from costsim.schema import DATED_FROM
from costsim.summary import comparison, dimensions, sampled
from costsim.summary.allowances import Used
from costsim.summary.comparison import Compared
from costsim.summary.findings import FINDINGS, TRENDS, Case
from costsim.summary.findings.contract import Ints, Label, Savings
from costsim.summary.observed import Incidents, incidents
from costsim.summary.priced import Priced
from costsim.summary.tally import Key, Tally, crossed, sums_by, total
from costsim.summary.together import MEASURES as OF_A_ROUTE
from costsim.summary.together import ROUTE, Remainder

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
    "priced_tokens",
)
"""What is summed in every group."""

BASIS = ("tokens_basis", "task_confidence", "tags")
"""Columns of `calls` that tell what figures rest on, beside those of a replay."""

UNSURE = 0.6
"""Below this confidence, a task counts as not known."""
NO_REPORT = "no reported cost"

UnpricedKey = tuple[str | None, str | None]


class Basis(msgspec.Struct):
    """Calls by what their figures rest on."""

    computed: int = 0
    reported: int = 0
    charged: int = 0
    """Of the reported ones, those whose router says that it charged something else than their list price."""
    unbilled: int = 0
    before_first: int = 0
    """Priced with their model's first known price, although older."""
    without_tier: int = 0
    without_time: int = 0
    writes_without_lifetime: int = 0
    unsure_cost: int = 0
    """What the calls cost whose task is not known with a confidence of UNSURE."""
    undated: int = 0
    """Calls without a time, whether or not they have a price."""
    undated_priced: int = 0
    undated_cost: int = 0
    """What they cost; of a replay in cells, those of no cell."""

    def add(self, other: "Basis") -> None:
        """Add other calls."""
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


class Sums(msgspec.Struct):
    """What all batches add up to."""

    groups: Tally = msgspec.field(default_factory=lambda: Tally(MEASURES))
    trends: dict[str, Tally] = msgspec.field(
        default_factory=lambda: {trend.ID: Tally(trend.MEASURES) for trend in TRENDS}
    )
    routes: Tally = msgspec.field(default_factory=lambda: Tally(OF_A_ROUTE))
    """What each route costs, and what the findings about single calls leave of it."""
    parts: Counter[str] = msgspec.field(default_factory=Counter)
    """Unit -> computed cost."""
    bases: Counter[str] = msgspec.field(default_factory=Counter)
    """Tokens basis -> billed calls."""
    basis: Basis = msgspec.field(default_factory=Basis)
    sampled: Counter[float] = msgspec.field(default_factory=Counter)
    """Share of the requests that a log took, in percent -> calls."""
    reasons: Counter[str] = msgspec.field(default_factory=Counter)
    unpriced: dict[UnpricedKey, list[int]] = msgspec.field(default_factory=dict)
    """(model, provider) -> calls, input and output tokens without a price."""
    first_at: int | None = None
    last_at: int | None = None
    incidents: Incidents = msgspec.field(default_factory=Incidents)
    compared: Compared = msgspec.field(default_factory=Compared)
    used: Used = msgspec.field(default_factory=Used)
    cases: dict[str, dict[Label, list[int]]] = msgspec.field(default_factory=dict)
    """Finding -> case -> calls, saving, spend, and the finding's own facts."""

    def take(self, priced: Priced, groupings: Sequence[tuple[str, ...]], timezone: str) -> None:
        """Add a batch of calls."""
        values = _values(priced)
        for names in groupings:
            codes = [dimensions.codes(priced.calls, name, timezone) for name in names]
            self.groups.count(names, codes, values)
        self.take_basis(priced, values)
        self._take_findings(priced)
        self._take_trends(priced)
        self.incidents.add(incidents(priced))
        self.compared.add(comparison.compare(priced))
        self.used.take(priced)

    def take_basis(self, priced: Priced, values: dict[str, Ints] | None = None) -> None:
        """Add what the figures of a batch rest on, and nothing else of it: costs, times, prices that are missing."""
        self.sampled.update(sampled.counted(*priced.word("tags")))
        self._take_costs(priced)
        self.take_times(priced.number("started_at"))
        self._take_unpriced(priced, values or _values(priced))

    def add(self, other: "Sums") -> None:
        """Add the sums of other batches."""
        self.groups.add(other.groups)
        self.routes.add(other.routes)
        for name, tally in other.trends.items():
            self.trends[name].add(tally)
        for mine, more in ((self.parts, other.parts), (self.bases, other.bases), (self.reasons, other.reasons)):
            mine.update(more)
        self.sampled.update(other.sampled)
        self.basis.add(other.basis)
        for pair, sums in other.unpriced.items():
            _add_to(self.unpriced, pair, sums)
        for finding, cases in other.cases.items():
            for label, sums in cases.items():
                _add_to(self.cases.setdefault(finding, {}), label, sums)
        self.first_at = min((at for at in (self.first_at, other.first_at) if at is not None), default=None)
        self.last_at = max((at for at in (self.last_at, other.last_at) if at is not None), default=None)
        self.incidents.add(other.incidents)
        self.compared.add(other.compared)
        self.used.add(other.used)

    def all_cases(self) -> dict[str, list[Case]]:
        """Return the cases of every finding and trend that save anything."""
        found: dict[str, list[Case]] = {}
        for finding in FINDINGS:
            known = self.cases.get(finding.ID, {}).items()
            found[finding.ID] = [
                Case(label, calls, saving, spend, tuple(facts)) for label, (calls, saving, spend, *facts) in known
            ]
        for trend in TRENDS:
            found[trend.ID] = trend.cases(self.trends[trend.ID])
        return {kind: [case for case in cases if case.saving > 0] for kind, cases in found.items()}

    def _take_findings(self, priced: Priced) -> None:
        remainder = Remainder(priced.cost)
        for finding in FINDINGS:
            savings = finding.savings(priced)
            if len(savings.rows):
                remainder.save(finding.SAVES_ON, savings)
                self._take_cases(finding.ID, savings, priced)
        of_a_route = {"cost": priced.cost, "left": remainder.left()}
        self.routes.count(ROUTE, [priced.word("route")], of_a_route)

    def _take_cases(self, finding: str, savings: Savings, priced: Priced) -> None:
        words = [priced.word(label) if isinstance(label, str) else label for label in savings.labels]
        codes, keys = crossed([(each[savings.rows], labels) for each, labels in words], len(savings.rows))
        counted = np.ones(len(codes), np.int64)
        columns = (counted, savings.amount, priced.cost[savings.rows], *savings.facts)
        for key, *sums in zip(keys, *(sums_by(codes, len(keys), column) for column in columns), strict=True):
            _add_to(self.cases.setdefault(finding, {}), key, sums)

    def _take_trends(self, priced: Priced) -> None:
        for trend in TRENDS:
            groupings, measured = trend.sums(priced)
            for names, codes in groupings.items():
                self.trends[trend.ID].count(names, codes, measured)

    def _take_costs(self, priced: Priced) -> None:
        replay = priced.replay
        computed, billed = replay.basis == COMPUTED, replay.attempts.billed
        for unit, part in replay.costs.parts.items():
            self.parts[unit] += total(np.where(computed, part, 0))
        written = priced.count("cache_write_tokens") > 0
        sure = priced.calls.column("task_confidence").to_numpy() >= UNSURE
        guessed = priced.among("operation", {"chat", "completion"})
        undated = priced.number("started_at") < DATED_FROM
        self.basis.add(
            Basis(
                computed=int(computed.sum()),
                reported=int((replay.basis == REPORTED).sum()),
                charged=int(((replay.basis == REPORTED) & replay.costs.known).sum()),
                unbilled=int((~billed).sum()),
                before_first=int((replay.costs.before_first & computed & billed).sum()),
                without_tier=int((~priced.stated("service_tier") & computed & billed).sum()),
                without_time=int((undated & computed & billed).sum()),
                writes_without_lifetime=int((written & computed & ~priced.stated("cache_write_1h_tokens")).sum()),
                unsure_cost=total(np.where(~sure & guessed, replay.cost, 0)),
                undated=int(undated.sum()),
                undated_priced=int((undated & replay.known).sum()),
                undated_cost=total(np.where(undated, replay.cost, 0)),
            )
        )
        codes, labels = priced.word("tokens_basis")
        counts = np.bincount(codes[billed], minlength=len(labels)).tolist()
        self.bases.update({label or "unknown": count for label, count in zip(labels, counts, strict=True) if count})

    def take_computed(self, calls: int, before_first: int, undated: int, bases: Mapping[str, int]) -> None:
        """Add calls that are billed and have a computed price: what a replay in cells knows of them, but for times."""
        self.basis.add(Basis(computed=calls, before_first=before_first, undated=undated, undated_priced=undated))
        self.bases.update(bases)

    def take_times(self, at: Ints) -> None:
        """Add when calls were made."""
        if not len(at) or at.min() < DATED_FROM:
            at = at[at >= DATED_FROM]
        if len(at):
            first, last = int(at.min()), int(at.max())
            self.first_at = first if self.first_at is None else min(self.first_at, first)
            self.last_at = last if self.last_at is None else max(self.last_at, last)

    def _take_unpriced(self, priced: Priced, values: dict[str, Ints]) -> None:
        rows = np.flatnonzero(priced.replay.basis == UNPRICED)
        if not len(rows):
            return
        if priced.mode == "reported":
            self.reasons[NO_REPORT] += len(rows)
            return
        reasons = priced.replay.costs.reason[rows]
        counts = np.bincount(reasons, minlength=len(cost.REASONS)).tolist()
        self.reasons.update({reason: count for reason, count in zip(cost.REASONS, counts, strict=True) if count})
        unknown = rows[reasons == cost.NO_PRICE]
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
    counts = {name: priced.count(name) for name in MEASURES if name in priced.calls.column_names}
    return {
        "calls": np.ones(len(priced), np.int64),
        "priced": replay.known.astype(np.int64),
        "errors": priced.among("status", {"error"}).astype(np.int64),
        **counts,
        "cost": replay.cost,
        "reported_calls": (replay.reported >= 0).astype(np.int64),
        "reported_cost": np.maximum(replay.reported, 0),
        "priced_tokens": np.where(replay.known, counts["input_tokens"] + counts["output_tokens"], 0),
    }


def key_of(names: tuple[str, ...], key: Key) -> list[str | None] | str | None:
    """Return a group's key as a report shows it: the value, or a list of values where dimensions are crossed."""
    return key[0] if len(names) == 1 else list(key)
