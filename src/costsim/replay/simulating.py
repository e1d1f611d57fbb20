"""One batch of calls under one policy: which rule took each, the requests it becomes, and what they cost."""

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec.structs import replace

from costsim import cost
from costsim.cost import Usage
from costsim.policies import routes
from costsim.policies.attempts import AS_SERVED, WHOLE, Bools, Ints, Leg
from costsim.policies.columns import Columns
from costsim.policies.conditions import compile
from costsim.policies.document import Levers, Route, Trim
from costsim.policies.levers.prompt_cache import NONE, CacheUse
from costsim.policies.policy import Policy
from costsim.policies.routes.one_model import to
from costsim.prices import PriceTable, tier_code
from costsim.projection import Factor, Factors
from costsim.replay.colder import colder
from costsim.replay.decisions import Decisions
from costsim.replay.desk import BatchDesk
from costsim.replay.falling import with_failures
from costsim.replay.history import Replay
from costsim.replay.moving import Moves, Shared, of_output
from costsim.replay.outcome import NO_RULE, Simulated, Solved, Spent, with_cache
from costsim.replay.projecting import Projecting
from costsim.replay.rates import Rates
from costsim.replay.scores import Scores
from costsim.replay.trimming import trimmed

_BATCH = tier_code("batch")
_AS_LOGGED = Route(as_logged=True)


class Simulation:
    """A policy with everything that is the same for every batch."""

    def __init__(
        self,
        policy: Policy,
        prices: PriceTable,
        factors: Factors,
        rates: Rates,
        decisions: Decisions,
        scores: Scores,
        timezone: str = "UTC",
    ):
        self.policy, self.prices, self.rates, self.timezone = policy, prices, rates, timezone
        self.factors, self._decisions, self._scores = factors, decisions, scores

    def factor(self, source: int, target: int, task: str | None) -> Factor:
        """Return the token factor of a call's model (-1 unknown), another model and a task."""
        keys = self.prices.book.keys
        return self.factors.of(keys[source] if source >= 0 else None, keys[target], task)

    def desk(self, columns: Columns, past: Replay, usage: Usage, shared: Shared | None) -> BatchDesk:
        """Return what answers the questions of routes about a batch."""
        tasks, moves = columns.word("task"), None
        if shared is None:
            projecting = Projecting(usage, tasks, self.prices, self.factor)
        else:
            moves = shared.moves(
                (usage, tasks, self.factors),
                lambda: Moves(Projecting(usage, tasks, self.prices, self.factor), self.prices),
            )
            projecting = moves.projecting
        known = self.rates, self._decisions, self._scores
        return BatchDesk(columns, past, self.policy, self.prices, projecting, *known, moves)


class BatchSimulation:
    """One batch under one policy."""

    def __init__(self, simulation: Simulation, columns: Columns, past: Replay, shared: Shared | None = None):
        self.simulation, self.policy, self.prices = simulation, simulation.policy, simulation.prices
        self.columns, self.past = columns, past
        self.rule = self._matched()
        self._changed = np.zeros(len(columns), np.bool_)
        for rows, _ in self._trims():
            self._changed |= rows
        self.usage = trimmed(columns, past.attempts.usage, self._trims())
        self.desk = simulation.desk(columns, past, self.usage, shared)

    def _matched(self) -> Ints:
        """The first rule that takes each call."""
        rule = np.full(len(self.columns), NO_RULE, np.int64)
        left = np.ones(len(self.columns), np.bool_)
        for number, each in enumerate(self.policy.rules):
            takes = left & each.conditions.holds(self.columns)
            rule[takes] = number
            left &= ~takes
        return rule

    def shows_cache(self, rows: Ints, model: Ints) -> Bools:
        """Return where the log itself tells what these models would have cached for calls that stay with them.

        Caches that are automatic, or taken for it, worked as they would again; others where they were asked for.
        """
        logged = self.past.attempts.usage
        used = np.zeros(len(rows), np.bool_)
        for column in (logged.cache_read_tokens, logged.cache_write_tokens):
            if column is not None:
                used |= column[rows] > 0
        found: Bools = used | (self.prices.fact_columns.cache_automatic[model] != 0)
        return found

    def by_rule(self) -> Iterator[tuple[int, Bools]]:
        """Yield each rule, and NO_RULE, with the calls that it took."""
        for rule in range(NO_RULE, len(self.policy.rules)):
            yield rule, self.rule == rule

    def _trims(self) -> list[tuple[Bools, Trim]]:
        found = []
        for rule, rows in self.by_rule():
            lever = self.levers(rule).trim
            if lever is not None and rows.any():
                found.append((rows & self.past.attempts.billed, lever))
        return found

    def levers(self, rule: int) -> Levers:
        """Return the levers of a rule, or of the calls that no rule takes."""
        return self.policy.levers if rule == NO_RULE else self.policy.rules[rule].levers

    def legs(self, solved: Solved) -> list[tuple[int, Leg]]:
        """Return every leg with its rule, in an order that is the same whenever it is asked for."""
        found: list[tuple[int, Leg]] = []
        for rule, takes in self.by_rule():
            rows = np.flatnonzero(takes & self.past.attempts.billed & ~_or_none(solved.served, self.rule))
            if len(rows) and (rule != NO_RULE or _does_anything(self.policy.levers)):
                found += [(rule, leg) for leg in self._legs_of(rule, rows, solved)]
        return found

    def _legs_of(self, rule: int, rows: Ints, solved: Solved) -> Iterator[Leg]:
        route = _AS_LOGGED if rule == NO_RULE else self.policy.rules[rule].route
        for leg in self._routed(route, rows, solved):
            if not len(leg.rows):
                continue
            if self.policy.fallback is None or not leg.answers:
                failing = iter((leg,))
            else:
                failing = with_failures(leg, self.policy.fallback, self.desk)
            for each in failing:
                yield from self.in_tiers(each, route, self.levers(rule))

    def _routed(self, route: Route, rows: Ints, solved: Solved) -> Iterator[Leg]:
        """The legs of calls within their budget, of those over it, and of conversations that have their model."""
        for where, some in self._within_budget(route, rows, solved):
            left = some
            if where is route and route.sticky is not None and solved.model is not None:
                model = self.desk.able(solved.model[some], some)
                yield to(model, some)
                left = some[model < 0]
            yield from routes.legs(where, left, self.desk)

    @staticmethod
    def _within_budget(route: Route, rows: Ints, solved: Solved) -> Iterator[tuple[Route, Ints]]:
        """Where these calls go: those over their budget where it says, the others by the route."""
        if route.budget is not None and solved.over is not None:
            over, then = solved.over[rows], route.budget.then
            yield Route(model=then.model, tier=then.tier, as_logged=then.as_logged), rows[over]
            rows = rows[~over]
        yield route, rows

    def in_tiers(self, leg: Leg, route: Route, levers: Levers) -> Iterator[Leg]:
        """Yield a leg in the service tier of its route; calls that can wait at the batch price, where there is one."""
        if route.service_tier is not None:
            leg = replace(leg, tier=tier_code(route.service_tier))
            sold = self.prices.sells(leg.model, np.full(len(leg.rows), leg.tier))
            leg = leg.part(sold)
        if levers.batch is None:
            yield leg
            return
        waits = compile(levers.batch.when).holds(self.columns)[leg.rows]
        waits &= self.prices.sells(leg.model, np.full(len(leg.rows), _BATCH))
        yield replace(leg.part(waits), tier=_BATCH)
        yield leg.part(~waits)

    def priced(self, legs: Sequence[tuple[int, Leg]], solved: Solved) -> Simulated:
        """Return the legs with their cost; calls with an unknown one are kept as they were."""
        spent = list(self.spent(legs, solved))
        served = _or_none(solved.served, self.rule)
        known, answered = self.past.known.copy(), served.copy()
        for each in spent:
            known[each.leg.rows] &= each.known
            answered[each.leg.rows] = True
        taken = (self.rule != NO_RULE) & self.past.attempts.billed
        left = self._left_to_unknown_models(taken & ~answered, solved)
        known &= ~left | ~self._in_other_tiers()
        unroutable = taken & ~answered & ~left
        unpriced = (taken | answered) & ~unroutable & ~known
        kept = ~answered | ~known
        found = Simulated(
            self.rule, [each.part(~kept[each.leg.rows]) for each in spent], kept, unroutable, unpriced, served & known
        )
        return found if solved.lost is None else colder(found, solved.lost, self.past, self.prices)

    def spent(self, legs: Sequence[tuple[int, Leg]], solved: Solved) -> Iterator[Spent]:
        """Yield the requests of legs with their cost, also where it is not known."""
        for place, (rule, leg) in enumerate(legs):
            for each in self._spent(rule, leg, solved.cached.get(place)):
                if len(each.leg.rows):
                    yield each

    def in_the_way(self, unroutable: Bools) -> Iterator[tuple[int, int, str, Ints]]:
        """Yield of calls that no model of their route can do: rule, model, what is in the way, and of which calls."""
        for number in range(len(self.policy.rules)):
            rows = np.flatnonzero(unroutable & (self.rule == number))
            for model in self.asked(number, rows) if len(rows) else ():
                for obstacle, kept in self.obstacles(number, model, rows):
                    if kept.any():
                        yield number, model, obstacle, rows[kept]

    def asked(self, rule: int, rows: Ints) -> list[int]:
        """Return the models that a rule may send these calls to; as it was, each to its own."""
        route = self.policy.rules[rule].route
        if route.as_logged:
            logged = self.desk.logged(rows)
            return np.flatnonzero(np.bincount(logged[logged >= 0])).tolist()
        return self.desk.candidates(self.policy.choices(route), rows)

    def obstacles(self, rule: int, model: int, rows: Ints) -> Iterator[tuple[str, Bools]]:
        """Yield what may keep these calls of a rule from a model, with those that it keeps."""
        route = self.policy.rules[rule].route
        own = self.desk.logged(rows) == model
        if not route.as_logged:
            yield from self.desk.obstacles(model, rows)
        if route.service_tier is not None:
            sold = self.prices.sells(np.array([model]), np.array([tier_code(route.service_tier)])).all()
            yield f"it is not sold in the service tier {route.service_tier}", ~sold & (own | (not route.as_logged))

    def _left_to_unknown_models(self, unanswered: Bools, solved: Solved) -> Bools:
        """Which of these calls are to stay where they were, on models that nobody knows: in no leg, yet on a route."""
        found = np.zeros(len(self.columns), np.bool_)
        strange = unanswered & (self.past.attempts.usage.model < 0)
        for number, rule in enumerate(self.policy.rules) if strange.any() else ():
            rows = np.flatnonzero(strange & (self.rule == number))
            for route, some in self._within_budget(rule.route, rows, solved):
                found[some] = routes.left(route, some, self.desk)
        return found

    def _in_other_tiers(self) -> Bools:
        """Which calls are to be sent in a service tier of their rule."""
        tiers = [rule.route.service_tier is not None for rule in self.policy.rules]
        return np.array([*tiers, False])[self.rule]

    def _spent(self, rule: int, leg: Leg, cached: CacheUse | None) -> Iterator[Spent]:
        """A leg with its cost: what is as it was costs what it did, the rest what the price table says."""
        same = self._as_it_was(leg, cached)
        if same.any():
            rows = leg.rows[same]
            usage = self.past.attempts.usage.part(rows)
            yield Spent(rule, leg.part(same), usage, self.past.cost[rows], self.past.known[rows])
        if same.all():
            return
        moved = leg.part(~same) if same.any() else leg
        moves = self.desk.moves
        if moves is not None and cached is None and moves.hold(moved):
            found = moves.of(moved)
            yield Spent(rule, moved, found.usage, found.cost, found.known, found.output)
            return
        usage = self.desk.projecting.usage(moved)
        if cached is not None:
            usage = with_cache(usage, CacheUse(*(column[~same] for column in cached)))
        costs = cost.price(usage, self.prices)
        yield Spent(rule, moved, usage, costs.cost, costs.known, of_output(costs), self._alone(moved))

    def _alone(self, leg: Leg) -> Ints | None:
        if leg.reads_more is None or not leg.answers:
            return None
        return cost.price(self.desk.projecting.usage(replace(leg, reads_more=None)), self.prices, parts=False).cost

    def _as_it_was(self, leg: Leg, cached: CacheUse | None) -> Bools:
        """Which requests are those of the log."""
        usage = self.past.attempts.usage
        same: Bools = (leg.model == usage.model[leg.rows]) & (leg.share == WHOLE) & ~self._changed[leg.rows]
        if leg.tier != AS_SERVED:
            same &= usage.tier[leg.rows] == leg.tier
        if not leg.answers or leg.reads_more is not None:
            same &= False
        if cached is not None:
            same &= cached.read == NONE
        return same


def _does_anything(levers: Levers) -> bool:
    return any(getattr(levers, name) is not None for name in levers.__struct_fields__)


def _or_none(flags: Bools | None, like: Ints) -> Bools:
    return np.zeros(len(like), np.bool_) if flags is None else flags
