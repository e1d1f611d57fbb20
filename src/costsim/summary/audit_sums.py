"""All that an audit adds up: the sums of one batch of calls, and how the sums of all batches add up."""

from collections.abc import Sequence

import msgspec
import numpy as np

from costsim.summary import comparison, dimensions
from costsim.summary.adding import add_all, add_to
from costsim.summary.allowances import Used
from costsim.summary.comparison import Compared
from costsim.summary.findings import FINDINGS, TRENDS, Case
from costsim.summary.findings.contract import Label, Savings
from costsim.summary.observed import Incidents, incidents
from costsim.summary.priced import Ints, Priced
from costsim.summary.sums import Sums
from costsim.summary.tally import Key, Tally, crossed, sums_by
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


class AuditSums(msgspec.Struct):
    """What all batches add up to."""

    basis: Sums = msgspec.field(default_factory=Sums)
    groups: Tally = msgspec.field(default_factory=lambda: Tally(MEASURES))
    trends: dict[str, Tally] = msgspec.field(
        default_factory=lambda: {trend.ID: Tally(trend.MEASURES) for trend in TRENDS}
    )
    routes: Tally = msgspec.field(default_factory=lambda: Tally(OF_A_ROUTE))
    """What each route costs, and what the findings about single calls leave of it."""
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
        self.basis.take_basis(priced)
        self._take_findings(priced)
        self._take_trends(priced)
        self.incidents.add(incidents(priced))
        self.compared.add(comparison.compare(priced))
        self.used.take(priced)

    def add(self, other: "AuditSums") -> None:
        """Add the sums of other batches."""
        self.basis.add(other.basis)
        self.groups.add(other.groups)
        self.routes.add(other.routes)
        for name, tally in other.trends.items():
            self.trends[name].add(tally)
        self.incidents.add(other.incidents)
        self.compared.add(other.compared)
        self.used.add(other.used)
        for finding, cases in other.cases.items():
            add_all(self.cases.setdefault(finding, {}), cases)

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
            add_to(self.cases.setdefault(finding, {}), key, sums)

    def _take_trends(self, priced: Priced) -> None:
        for trend in TRENDS:
            groupings, measured = trend.sums(priced)
            for names, codes in groupings.items():
                self.trends[trend.ID].count(names, codes, measured)


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
