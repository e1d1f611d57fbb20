"""Cells under one policy: what becomes of one call of each becomes of all of them."""

from collections.abc import Iterator

import msgspec
import numpy as np
from msgspec.structs import asdict

from costsim.cost import Usage
from costsim.policies.attempts import WHOLE, Ints, Leg
from costsim.policies.columns import Columns
from costsim.policies.levers.prompt_cache import CacheUse
from costsim.replay.cells.expecting import Linear, is_linear, nano
from costsim.replay.cells.past import CellPast
from costsim.replay.cells.rates import PARTS, CellRates, priced, rates
from costsim.replay.cells.tokens import Amounts, CallTokens, CellTokens, Key
from costsim.replay.desk import BatchDesk
from costsim.replay.history import Replay
from costsim.replay.moving import Shared
from costsim.replay.outcome import NOTHING_SOLVED, Simulated, Spent, billed_part, expected_cost
from costsim.replay.simulating import BatchSimulation, Simulation

_SIDES, _CACHED = ("input_tokens", "output_tokens"), PARTS[1:4]
Asked = tuple[tuple[int, ...], Ints]
"""Models of which the cheapest was asked for, and for which cells."""


class CellDesk(BatchDesk):
    """Answers about cells: about one call of each."""

    asked: list[Asked] = msgspec.field(default_factory=list)

    def cheapest(self, models: list[str], rows: Ints) -> Ints:
        """Return the model of the list that is the cheapest for one call of each cell and can do it."""
        candidates = self.candidates(models, rows)
        if len(candidates) > 1 and len(rows):
            self.asked.append((tuple(candidates), rows))
        return super().cheapest(models, rows)

    def answer_tokens(self, rows: Ints, model: Ints) -> Ints:  # noqa: ARG002
        """Return the model itself: how many tokens its answers have is looked up when a leg is billed."""
        return model

    def key(self, model: int) -> Key:
        """Return what stands for a model and the factors of this policy."""
        return model, id(self.projecting)


class _Bill(msgspec.Struct, frozen=True):
    """What legs come to that cost the same: an answer, and when it is tried again."""

    leg: Leg
    rates: CellRates
    spent: Spent
    weight: Ints
    """The part of each cell's calls that is billed, for every cell, as `billed_part` has it."""
    simple: bool
    """Whether it is for nothing but input and output."""


class _SpentOnCells(Spent, frozen=True):
    """A leg of cells that go elsewhere, with its bill."""

    bill: _Bill | None = None


class CellSimulation(BatchSimulation):
    """Cells of plain calls under one policy; `columns` and `past` are those of one call of each."""

    def __init__(self, simulation: Simulation, columns: Columns, past: Replay, shared: Shared) -> None:
        super().__init__(simulation, columns, past, shared)
        self.desk: CellDesk = CellDesk(**asdict(self.desk))
        self._legs = self.legs(NOTHING_SOLVED)
        self._bills: dict[tuple[object, ...], _Bill] = {}

    def want(self, tokens: CellTokens, *, kept: bool) -> None:
        """Ask for the tokens of every cell on every model that it may go to; `kept`: `expected` is asked for, too."""
        self._tokens = tokens
        for _, leg in self._legs:
            for model in _different(leg.model):
                rows = leg.rows[leg.model == model]
                factors = self.desk.projecting.factors(rows, np.full(len(rows), model, np.int64))
                tokens.want(self.desk.key(model), rows, factors, kept=kept)

    def replayed(self, past: CellPast) -> Simulated:
        """Return what the policy makes of the cells, with the sums of their calls."""
        self._as_they_were = past
        return self.priced(self._legs, NOTHING_SOLVED)

    def expected(self, simulated: Simulated) -> Ints:
        """Return what each call is expected to cost, as `expected_cost` has it."""
        stays = np.where(simulated.kept & ~simulated.served, billed_part(WHOLE), 0)
        for spent in simulated.spent:
            bill = spent.bill if isinstance(spent, _SpentOnCells) else None
            weight = stays if bill is None else bill.weight
            weight[spent.leg.rows] += billed_part(spent.leg.billed)
        runs, linear = self._tokens.runs, Linear(self._tokens)
        found = runs.spread(stays)
        found *= self._as_they_were.nano_of_calls
        for bill in self._bills.values():
            if bill.simple and is_linear(bill.rates):
                self._add_to(linear, bill)
            else:
                places, some = runs.only(bill.weight != 0)
                calls, cells = np.arange(len(found)) if places is None else places, some.which
                found[calls] += expected_cost(self._cost_of_calls(bill, calls, cells), bill.weight.take(cells))
        linear.add_to(found)
        return found

    def _add_to(self, linear: Linear, bill: _Bill) -> None:
        leg, rates = bill.leg, bill.rates
        part = bill.weight[leg.rows]
        of_input, of_output = (nano(rates.of(unit)) * part for unit in ("input", "output"))
        linear.add_fixed(leg.rows, nano(rates.of("request")) * part)
        for models, side, amount, known in (
            (leg.model, 0, of_input, leg.reads),
            (leg.model, 1, of_output, leg.writes),
            (leg.reads_more, 1, of_input, None),
        ):
            if known is not None:
                linear.add_fixed(leg.rows, amount * known)
            elif models is not None:
                for index in _different(models):
                    here = models == index
                    linear.add(self.desk.key(index), side, leg.rows[here], amount[here])

    def _cost_of_calls(self, bill: _Bill, calls: Ints, cells: Ints) -> Ints:
        place = np.zeros(len(bill.weight), np.int64)
        place[bill.leg.rows] = np.arange(len(bill.leg.rows))
        of_call = place[cells]
        amounts = CallTokens(self._tokens, calls)
        tokens = self._used(bill.leg.part(of_call), amounts)
        return priced(bill.rates, of_call, tokens, amounts.calls(cells))[0]

    def _spent(self, rule: int, leg: Leg, cached: CacheUse | None) -> Iterator[Spent]:
        same = self._as_it_was(leg, cached)
        if same.any():
            yield self._as_they_were.spent(rule, leg.part(same))
        if not same.all():
            moved = leg.part(~same) if same.any() else leg
            bill = self._bill(moved)
            yield _SpentOnCells(**{**asdict(bill.spent), "rule": rule, "leg": moved}, bill=bill)

    def _bill(self, leg: Leg) -> _Bill:
        """The bill of a leg; it is that of an earlier one for the very same cells and models."""
        key = id(leg.rows), id(leg.model), id(leg.reads_more), leg.tier, leg.reads, leg.writes
        if key not in self._bills:
            self._bills[key] = self._worked_out(leg)
        return self._bills[key]

    def _worked_out(self, leg: Leg) -> _Bill:
        tokens, logged = self._used(leg, self._tokens), self.usage.part(leg.rows)
        tier = self.desk.projecting.tier(leg, logged)
        of_cell = rates(self.prices, leg.model, logged.at, tier, leg.reads or 0)
        everything = np.arange(len(leg.rows))
        cost, output = priced(of_cell, everything, tokens, self._tokens.calls(leg.rows))
        alone = None
        if leg.reads_more is not None and leg.answers:
            alone = cost - of_cell.of("input") * self._moved(leg.rows, leg.reads_more, 1, self._tokens)
        used = Usage(leg.model, logged.at, tier, tokens["input_tokens"], tokens["output_tokens"])
        spent = Spent(0, leg, used, cost, of_cell.known, output, alone)
        return _Bill(leg, of_cell, spent, np.zeros(len(self.columns), np.int64), simple=len(tokens) == len(_SIDES))

    def _used(self, leg: Leg, amounts: Amounts) -> dict[str, Ints]:
        """What each row of a leg would use, as `Projecting.usage` has it for calls on their own."""
        calls = amounts.calls(leg.rows)
        read = self._moved(leg.rows, leg.model, 0, amounts) if leg.reads is None else leg.reads * calls
        written = self._moved(leg.rows, leg.model, 1, amounts) if leg.writes is None else leg.writes * calls
        if leg.reads_more is not None:
            read = read + self._moved(leg.rows, leg.reads_more, 1, amounts)
        found = dict(zip(_SIDES, (read, written), strict=True))
        stays = self.desk.projecting.stay(leg) & leg.answers
        for name in (*_CACHED, "reasoning_tokens"):
            kept = stays & (leg.share == WHOLE) if name in _CACHED else stays
            if kept.any() and (counts := amounts.logged(name, leg.rows)) is not None:
                found[name] = np.where(kept, counts, 0)
        return found

    def _moved(self, cells: Ints, model: Ints, side: int, amounts: Amounts) -> Ints:
        """Tokens of input (0) or output (1) on these models."""
        models = _different(model)
        if len(models) == 1:
            return amounts.projected(self.desk.key(models[0]), side, cells, np.arange(len(cells)))
        found = np.zeros(len(cells), np.int64)
        for index in models:
            rows = np.flatnonzero(model == index)
            found[rows] = amounts.projected(self.desk.key(index), side, cells, rows)
        return found


def _different(model: Ints) -> list[int]:
    return np.flatnonzero(np.bincount(model)).tolist()
