"""What every route and task changed by: each line is the sum of these, so that lines add up to the whole."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from costsim.summary.gate.baseline import Scope
from costsim.summary.gate.parts import CHANCE, MIX, VOLUME, Amounts, Side, rounded
from costsim.summary.gate.significance import Significance
from costsim.summary.gate.spread import CHANCE_ERRORS


class Changes:
    """The change of each scope in whole 10^-12 USD, by its reasons, without volume and mix.

    At first it counts in full. Once `ask` finds no more than chance in the kinds of calls, it is that of calls of the
    same kind; `settle` makes it what pairs say.
    """

    def __init__(self, reasons: Mapping[Scope, Amounts], new: Mapping[Scope, Side], common: Iterable[Scope]) -> None:
        self._full = {scope: _without_mix(reasons[scope]) for scope in common}
        self._cost = {scope: new[scope].whole.cost for scope in self._full}
        self._alike: set[Scope] = set()
        self._settled: dict[Scope, Fraction] = {}
        self._groups: list[tuple[frozenset[Scope], float]] = []

    def ask(self, groups: Iterable[Iterable[Scope]], significance: Significance) -> None:
        """Compare calls of the same kind, but where the kinds of one of these groups moved by more than chance.

        What one group has explained is no reason for the next to count its other scopes in full.
        """
        self._alike = set(self._full)
        for group in groups:
            left = [scope for scope in group if scope in self._alike]
            whole, kinds = (significance.dollars(left, alike) for alike in ((), left))
            rest, variance = whole.amount - kinds.amount, whole.variance - kinds.variance
            if variance <= 0 or rest * rest > CHANCE_ERRORS**2 * variance:
                self._alike.difference_update(left)
        for scope in self._alike & significance.covered:
            self._settled[scope] = Fraction(round(significance.dollars([scope], self._alike).amount))

    def settle(self, scopes: Iterable[Scope], change: Fraction, error: float) -> None:
        """Make the change of some scopes together what is surer than that of each; `error` in 10^-12 USD.

        What they cost before is multiplied by one factor, so that no cost becomes less than nothing.
        """
        scopes = sorted(scopes, key=str)
        missing = change - sum((self.amount(scope) for scope in scopes), Fraction(0))
        were = [max(self._cost[scope] - self.amount(scope), Fraction(0)) for scope in scopes]
        weights = were if any(were) else [Fraction(1)] * len(scopes)
        whole = sum(weights)
        given = rounded({str(n): missing * each / whole for n, each in enumerate(weights)})
        for scope, more in zip(scopes, given.values(), strict=True):
            self._settled[scope] = self.amount(scope) + more
        self._groups.append((frozenset(scopes), error * error))

    def left(self, scopes: Iterable[Scope]) -> list[Scope]:
        """Return those of some scopes that no pairs have settled."""
        settled = {scope for group, _ in self._groups for scope in group}
        return [scope for scope in scopes if scope not in settled]

    def amount(self, scope: Scope) -> Fraction:
        """Return the change of a scope."""
        return self._settled.get(scope, sum(self._full[scope].values(), Fraction(0)))

    def variance(self, scopes: Iterable[Scope], significance: Significance) -> float:
        """Return the square of the standard error of the change of some scopes."""
        left, found = list(scopes), 0.0
        for group, variance in self._groups:
            if group.issubset(left):
                left, found = [scope for scope in left if scope not in group], found + variance
        return found + significance.dollars(left, self._alike).variance

    def in_full(self, scopes: Iterable[Scope]) -> dict[Scope, Amounts]:
        """Return the reasons for the changes of some scopes with all that chance brought."""
        return {scope: self._full[scope] for scope in scopes}

    def reasons(self, scopes: Iterable[Scope]) -> dict[Scope, Amounts]:
        """Return the reasons for the changes of some scopes, which add up to them, with what is due to chance."""
        found = {}
        for scope in scopes:
            parts, chance = self._full[scope], self.amount(scope) - sum(self._full[scope].values(), Fraction(0))
            found[scope] = {**parts, CHANCE: chance} if chance else parts
        return found


def _without_mix(parts: Amounts) -> Amounts:
    """Reasons in whole 10^-12 USD, so that their sums over any scopes are exact."""
    kept = {part: value for part, value in parts.items() if part not in (VOLUME, MIX)}
    return {part: Fraction(value) for part, value in rounded(kept).items()}
