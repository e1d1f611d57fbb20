"""What is said of calls whose route asks for more than a model: which have a decision, and whose budget was spent."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from costsim.policies.document import Budget
from costsim.policies.policy import Rule
from costsim.replay.decisions import Decisions
from costsim.replay.outside import DECIDED, OVER, UNDATED, UNDECIDED, UNOWNED
from costsim.replay.simulating import Simulation
from costsim.summary.simulation.report import Assumption
from costsim.summary.simulation.sums import ALL_CALLS, PolicySums
from costsim.summary.words import number


def steered(simulation: Simulation, sums: PolicySums, decisions: Decisions) -> Iterator[Assumption]:
    """Yield how far files of decisions and budgets decide: which calls they leave out, which decisions are of none."""
    others: dict[str, int] = {}
    for place, rule in enumerate(simulation.policy.rules):
        found = {what: calls for (of, what), (calls,) in sums.outside.items() if of == place}
        taken = sums.rules[place][ALL_CALLS] if place in sums.rules else 0
        if rule.route.decisions is not None:
            others[rule.route.decisions] = decisions.calls(rule.route.decisions) - found.get(DECIDED, 0)
            if left := found.get(UNDECIDED):
                yield _undecided(rule, rule.route.decisions, left, taken)
        if rule.route.budget is not None and taken:
            yield from _of_budget(rule, rule.route.budget, found, taken)
    for file, calls in others.items():
        if calls:
            are = "is of a call" if calls == 1 else "are of calls"
            yield Assumption(f"{number(calls, 'decision')} of {Path(file).name} {are} not looked at here.", "routes")


def _undecided(rule: Rule, file: str, left: int, taken: int) -> Assumption:
    decided = "no call" if left == taken else f"{taken - left:,} of {number(taken, 'call')}"
    keeps = "keeps its" if left == 1 else "keep their"
    rest = f"{number(left, 'call')} without a decision {keeps} model"
    return Assumption(f"{Path(file).name} decides {decided} of '{rule.name}'; {rest}.", "routes")


def _of_budget(rule: Rule, budget: Budget, found: Mapping[str, int], taken: int) -> Iterator[Assumption]:
    """How many calls come too late, and how many are in no budget."""
    lacking = {budget.per: found.get(UNOWNED, 0), "a time": found.get(UNDATED, 0)}
    if sum(lacking.values()) == taken:
        why = " or ".join(what for what, calls in lacking.items() if calls)
        yield Assumption(f"No budget of '{rule.name}' ever ends: no call of it states {why}.", "budgets")
        return
    late = found.get(OVER, 0)
    who = number(late, "call") if late else "No call"
    yield Assumption(f"{who} of '{rule.name}' came after the budget of the call's {budget.per} was spent.", "budgets")
    for what, calls in lacking.items():
        if calls:
            text = f"{number(calls, 'call')} of '{rule.name}' without {what}: in no budget, so none ends for them."
            yield Assumption(text, "budgets")
