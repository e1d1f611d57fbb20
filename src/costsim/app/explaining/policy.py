"""One call under a policy: which rules were tried, which models could do it, and every attempt's price."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from costsim import cost, prices
from costsim.app.asked import Asked, understood
from costsim.app.explaining import search as call_search
from costsim.app.explaining.call import choice_of, dollars, lacking, parts_of
from costsim.app.policies.files import loaded, with_decisions
from costsim.app.reading import Progress, Reading, calls_of
from costsim.policies.attempts import WHOLE, Leg
from costsim.policies.conditions import Comparison, Conditions
from costsim.policies.levers.prompt_cache import NONE
from costsim.policies.policy import Policy
from costsim.policies.routes.one_model import to
from costsim.prices import TIERS
from costsim.replay.outcome import NO_RULE, NOTHING_SOLVED, Simulated, Solved, Spent
from costsim.replay.simulating import BatchSimulation
from costsim.reports.explaining.policy import Attempt, ModelAsked, Rerouted, RuleTried
from costsim.schema import usd
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.one_pass import Pass
from costsim.summary.simulation.runs import runs_of


def explained(
    call_id: str,
    policy_file: Path,
    logs: Sequence[str],
    reading: Reading,
    price_files: Sequence[Path] = (),
    as_of: str = "logged",
    timezone: str = "UTC",
    progress: Progress = lambda _done, _total: None,
) -> Rerouted:
    """Return what a policy makes of one call of the logs; rates and caches are those of the whole log."""
    question = understood(Asked(as_of=as_of, timezone=timezone))
    table = prices.load(tuple(price_files))
    (policy,), decisions = with_decisions(loaded([policy_file], table, reading.tasks), table)
    ask = Ask(runs_of([policy], table, controls=False), question, decisions)
    with calls_of(logs, reading, progress) as store, tempfile.TemporaryDirectory(prefix="costsim-") as folder:
        number, row, name = call_search.place(store, call_id)
        replay = Pass.prepared(store, table, ask, reading.workers, Path(folder))
        part, row = replay.parts.place(number, row)
        return _Call(*replay.replayed(part, 0), row, name).told()


class _Call:
    """One row of a replayed batch."""

    def __init__(self, batch: BatchSimulation, solved: Solved, simulated: Simulated, row: int, name: str) -> None:
        self._batch, self._solved, self._simulated, self._row, self._name = batch, solved, simulated, row, name
        self._policy: Policy = batch.policy
        self._rule = int(batch.rule[row])

    def told(self) -> Rerouted:
        past = self._batch.past
        baseline = int(past.cost[self._row]) if past.known[self._row] else None
        stays = self._stays()
        attempts = [] if stays else list(self._attempts())
        kept = int(self._simulated.cost_kept(past.cost)[self._row])
        expected = (
            self._exact(None if baseline is None else kept) if stays else self._exact(sum(self._expected()), WHOLE)
        )
        return Rerouted(
            call_id=self._name,
            policy=self._policy.name,
            rules=list(self._tried()),
            rule=None if self._rule == NO_RULE else self._policy.rules[self._rule].name,
            models=list(self._models()),
            because=list(self._because()),
            attempts=attempts,
            stays=stays,
            baseline_cost_usd=None if baseline is None else dollars(baseline),
            cost_usd=None if expected is None else _text(expected),
            savings_usd=None if baseline is None or expected is None else _text(usd(baseline) - expected),
        )

    @staticmethod
    def _exact(amount: int | None, of: int = 1) -> Decimal | None:
        """An amount in 10^-12 USD, divided, to the last digit."""
        return None if amount is None else usd(amount) / of

    def _tried(self) -> Iterator[RuleTried]:
        for number, rule in enumerate(self._policy.rules):
            yield RuleTried(rule.name, number == self._rule, list(self._failing(rule.conditions)))
            if number == self._rule:
                return

    def _failing(self, conditions: Conditions) -> Iterator[str]:
        columns = self._batch.columns
        for test in conditions.tests:
            if not test.holds(columns)[self._row]:
                yield f"{test.column} is {self._logged(test)} (wanted: {test.wanted})"
        if conditions.share < 1 and columns.place()[self._row] >= conditions.share:
            yield f"not among the {100 * conditions.share:.3g} % of calls that it takes"

    def _logged(self, test: Comparison) -> str:
        """What the log says in the column of a condition."""
        if test.kind in ("word", "tag"):
            value: Any = self._word(test.column)
        else:
            value = self._batch.columns.calls.column(test.column)[self._row].as_py()
        return "not logged" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    def _models(self) -> Iterator[ModelAsked]:
        if self._rule == NO_RULE:
            return
        rows = np.array([self._row])
        for model in self._batch.asked(self._rule, rows):
            why_not = [obstacle for obstacle, kept in self._batch.obstacles(self._rule, model, rows) if kept[0]]
            yield self._asked(model, to(np.array([model]), rows), why_not)

    def _asked(self, model: int, leg: Leg, why_not: list[str]) -> ModelAsked:
        """A model with the price of the service tier in which it would be asked; none where it is not sold in that."""
        route, levers = self._policy.rules[self._rule].route, self._batch.levers(self._rule)
        sent = [(self._rule, each) for each in self._batch.in_tiers(leg, route, levers)]
        tier, usd = route.service_tier or "", None
        for each in self._batch.spent(sent, NOTHING_SOLVED):
            tier = self._tier(int(each.usage.tier[0]))
            if each.known[0]:
                usd = dollars(int(each.cost[0]))
            else:
                why_not = [*why_not, self._no_price(each)]
        return ModelAsked(self._named(model), tier, why_not, usd)

    def _no_price(self, spent: Spent) -> str:
        """Why a request of this call alone has no cost."""
        table, usage = self._batch.prices, spent.usage
        reason = int(cost.price(usage, table, parts=False).reason[0])
        choice = choice_of(table, int(usage.model[0]), int(usage.at[0]), int(usage.tier[0]), int(usage.input_tokens[0]))
        what = f": {lacking(usage, table, choice)}" if reason == cost.NO_RATE and choice else ""
        return f"{cost.REASONS[reason]}{what}"

    def _named(self, model: int) -> str:
        """The name of a model as the policy has it; as it was, by its key."""
        route = self._policy.rules[self._rule].route
        names = {self._batch.desk.model(name): name for name in reversed(self._policy.choices(route))}
        return names.get(model) or self._batch.prices.book.keys[model]

    def _stays(self) -> str | None:
        simulated, row = self._simulated, self._row
        if simulated.served[row] or not simulated.kept[row]:
            return None
        if not self._batch.past.attempts.billed[row]:
            return "its provider did not bill it"
        if simulated.unroutable[row]:
            return "no model of its route can do it"
        unknown = self._why_unknown()
        if self._rule == NO_RULE:
            return f"no rule takes it{unknown and f', and {unknown}'}"
        return self._kept_by_its_rule(unknown)

    def _kept_by_its_rule(self, unknown: str) -> str:
        """Why a call that its rule could send stays where it was: it is left there, or there is no price for it."""
        row, route = self._row, self._policy.rules[self._rule].route
        requests = self._batch.spent(self._batch.legs(self._solved), self._solved)
        sent = [spent.part(spent.leg.rows == row) for spent, _ in self._of_call(requests)]
        if unknown and any(each.leg.model[0] != self._batch.past.attempts.usage.model[row] for each in sent):
            return f"{unknown}, so what it would save is not either"
        left = f"its rule leaves it on {self._word('model') or 'its model'}"
        if unknown:
            return f"{left}, and {unknown}"
        for each in sent:
            if not each.known[0]:
                there = f"{self._named(int(each.leg.model[0]))} ({self._tier(int(each.usage.tier[0]))})"
                return f"what it would cost on {there} is not known: {self._no_price(each)}"
        return left if route.service_tier is None else f"{left}, whose price as {route.service_tier} is not known"

    def _why_unknown(self) -> str:
        """Why what the call cost is not known; nothing where it is."""
        past, row = self._batch.past, self._row
        reason = cost.REASONS[int(past.costs.reason[row])]
        return "" if past.known[row] else f"what it cost is not known ({reason})"

    def _tier(self, code: int) -> str:
        """The name of a service tier; one that is not sold has that of the log."""
        return TIERS[code] if code < len(TIERS) else self._word("service_tier") or ""

    def _word(self, column: str) -> str | None:
        """What the log says in a column of words."""
        codes, labels = self._batch.columns.word(column)
        return labels[int(codes[self._row])]

    def _because(self) -> Iterator[str]:
        """What the order of time and files of decisions say of the call."""
        if self._simulated.served[self._row]:
            yield "A cache of answers serves it: no model is asked, and it costs nothing."
            return
        if (lost := self._simulated.lost) is not None and (here := lost.rows == self._row).any():
            tokens = int(lost.tokens[here].sum())
            yield f"It finds {tokens:,} tokens less in the cache: calls before it in its conversation move."
        if self._rule == NO_RULE:
            return
        route, over, stays_on = self._policy.rules[self._rule].route, self._solved.over, self._solved.model
        if route.budget is not None and over is not None:
            whose = self._word(route.budget.per)
            spent = "is spent: it goes where the budget says then" if over[self._row] else "is not spent"
            if whose is None or self._batch.past.attempts.usage.at[self._row] < 0:
                yield f"It is in no budget: the log states no {route.budget.per if whose is None else 'time'}."
            else:
                yield f"The budget of {route.budget.per} '{whose}' for the {route.budget.every} {spent}."
        if route.sticky is not None and stays_on is not None and stays_on[self._row] >= 0:
            yield f"Its conversation is on {self._batch.prices.book.keys[stays_on[self._row]]}."
        if route.decisions is not None:
            (model,) = self._batch.desk.decided(route.decisions, np.array([self._row])).tolist()
            chosen = (
                "has no decision: it keeps its model" if model < 0 else f"says {self._batch.prices.book.keys[model]}"
            )
            yield f"{Path(route.decisions).name} {chosen}."
        if self._is_cached():
            yield "Its prompt caches are simulated, in the order of time; the prices of the models above are without."

    def _is_cached(self) -> bool:
        """Whether something can be said of the caches that the policy simulates."""
        legs = self._batch.legs(self._solved)
        told = ((legs[place][1].rows, use.read) for place, use in self._solved.cached.items())
        return any((read[rows == self._row] != NONE).any() for rows, read in told)

    def _of_call(self, spent: Iterable[Spent]) -> Iterator[tuple[Spent, int]]:
        """The requests of the call, among those of its batch."""
        for each in spent:
            for place in np.flatnonzero((each.leg.rows == self._row) & (each.leg.share > 0)).tolist():
                yield each, place

    def _expected(self) -> Iterator[int]:
        for spent, place in self._of_call(self._simulated.spent):
            yield int(spent.cost[place]) * int(spent.leg.billed[place])

    def _attempts(self) -> Iterator[Attempt]:
        table = self._batch.prices
        for spent, place in self._of_call(self._simulated.spent):
            usage = spent.usage.part(np.array([place]))
            model, tier = int(usage.model[0]), int(usage.tier[0])
            costs = cost.price(usage, table)
            choice = choice_of(table, model, int(usage.at[0]), tier, int(usage.input_tokens[0]))
            adds_up = bool(costs.known[0]) and int(costs.cost[0]) == int(spent.cost[place])
            share, billed = Decimal(int(spent.leg.share[place])), Decimal(int(spent.leg.billed[place]))
            yield Attempt(
                kind=spent.leg.kind.name.lower(),
                number=spent.leg.number,
                model=table.book.keys[model],
                service_tier=self._tier(tier),
                share=_text(share / WHOLE),
                billed_share=_text(billed / WHOLE),
                tokens=self._tokens(spent, model) + ("" if adds_up else ", its cost as the log reports it"),
                parts=parts_of(usage, costs, table, choice) if choice and adds_up else [],
                usd=dollars(int(spent.cost[place])),
                expected_usd=_text(usd(int(spent.cost[place]) * int(spent.leg.billed[place])) / WHOLE),
            )

    def _tokens(self, spent: Spent, model: int) -> str:
        """Where the tokens of an attempt come from."""
        if spent.output is None:
            return "tokens as logged"
        source = int(self._batch.past.attempts.usage.model[self._row])
        codes, labels = self._batch.columns.word("task")
        factor = self._batch.simulation.factor(source, model, labels[codes[self._row]])
        if factor.input_basis == "same model" and factor.output_basis == "same model":
            return "tokens as logged"
        return (
            f"input x {factor.input / 1e6:.3f} ({factor.input_basis}), "
            f"output x {factor.output / 1e6:.3f} ({factor.output_basis})"
        )


def _text(amount: Decimal) -> str:
    """A decimal without exponent or needless zeros."""
    return f"{amount.normalize():f}"
