"""What batches of priced calls add up to, in any order."""

from collections.abc import Mapping

import msgspec

from costsim.summary.gate.baseline import Scope
from costsim.summary.gate.cases import Cases
from costsim.summary.gate.kinds import KindKey, KindSums
from costsim.summary.gate.undated import Undated
from costsim.summary.priced import Ints
from costsim.summary.sums import Sums
from costsim.summary.tally import Tally

CellKey = tuple[str | None, str | None, str | None, bool]


class Figures(msgspec.Struct):
    """What batches add up to."""

    basis: Sums = msgspec.field(default_factory=Sums)
    cells: dict[CellKey, dict[str, int]] = msgspec.field(default_factory=dict)
    """Sums by name: calls, errors, calls without a time, cost, and of each unit its count and cost."""
    buckets: dict[Scope, Ints] = msgspec.field(default_factory=dict)
    """Work and cost by bucket."""
    kinds: dict[KindKey, KindSums] = msgspec.field(default_factory=dict)
    """Calls that cost something."""
    cases: Cases | None = msgspec.field(default_factory=dict)
    """None where they are too many."""
    calls: int = 0
    dearest: dict[str | None, int] = msgspec.field(default_factory=dict)
    """Route -> the cost of its dearest call."""
    spent: Tally = msgspec.field(default_factory=lambda: Tally(("cost",)))
    """By user, by day and by month, where budgets ask for them."""

    def add(self, other: "Figures") -> None:
        """Add the sums of other batches."""
        self.basis.add(other.basis)
        self.calls += other.calls
        self.spent.add(other.spent)
        for cell, sums in other.cells.items():
            self.take_cell(cell, sums)
        for scope, found in other.buckets.items():
            self.take_buckets(scope, found)
        for kind, sums_of_kind in other.kinds.items():
            self.take_kind(kind, sums_of_kind)
        for route, dearest in other.dearest.items():
            self.dearest[route] = max(self.dearest.get(route, 0), dearest)
        self.cases = self._joined(other)

    def take_cell(self, cell: CellKey, sums: Mapping[str, int]) -> None:
        """Add sums of a cell; what is nothing is left out."""
        mine = self.cells.setdefault(cell, {})
        for name, value in sums.items():
            if value:
                mine[name] = mine.get(name, 0) + value

    def take_buckets(self, scope: Scope, more: Ints) -> None:
        """Add buckets of a scope."""
        self.buckets[scope] = self.buckets[scope] + more if scope in self.buckets else more

    def take_kind(self, key: KindKey, more: KindSums) -> None:
        """Add sums of a kind."""
        if key in self.kinds:
            self.kinds[key].add(more)
        else:
            self.kinds[key] = more

    def undated(self) -> Undated:
        """Return the calls without a time."""
        of_scope: dict[Scope, int] = {}
        for (route, task, _, _), sums in self.cells.items():
            of_scope[route, task] = of_scope.get((route, task), 0) + sums.get("undated", 0)
        return Undated(self.basis.basis.undated, self.basis.basis.undated_cost, of_scope)

    def _joined(self, other: "Figures") -> Cases | None:
        if self.cases is None or other.cases is None:
            return None
        for key, (calls, cost) in other.cases.items():
            known = self.cases.setdefault(key, [0, 0])
            known[0] += calls
            known[1] += cost
        return self.cases
