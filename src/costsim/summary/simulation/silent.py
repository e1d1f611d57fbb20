"""What a policy asks for and the log does not have: rules that took no call, levers and routes that find nothing.

A policy that does nothing because a tag is misspelled must not look like one that saves nothing.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from costsim.policies.columns import TAGS, Columns
from costsim.policies.conditions import Comparison
from costsim.policies.policy import Policy, Rule
from costsim.summary.simulation.parts import Batches, Parts
from costsim.summary.simulation.report import Assumption
from costsim.summary.simulation.sums import PolicySums

if TYPE_CHECKING:
    from costsim.summary.simulation.simulate import Ask

_CONVERSATIONS = ("conversation_id", "trace_id")
_PREFIXES, _PROMPTS = "prefix_hashes", "prompt_hash"


def notes(store: Batches, ask: "Ask", sums: Sequence[PolicySums]) -> Iterator[Assumption]:
    """Yield what the policies ask for in vain; one pass over the columns in question, where there are any."""
    for place, run in enumerate(ask.runs):
        if run.is_policy:
            rules = enumerate(run.policy.rules)
            yield from _Vain(run.policy, [rule for number, rule in rules if number not in sums[place].rules]).told(
                store, ask
            )


class _Vain:
    """One policy; `idle` are its rules that took no call."""

    def __init__(self, policy: Policy, idle: Sequence[Rule]) -> None:
        self._policy, self._idle = policy, idle
        self._stated: set[str] = set()
        """Columns and tags that some call states."""
        self._held: set[tuple[str, int]] = set()
        """Rules and places of their conditions that hold for some call."""
        self._all_held: set[str] = set()
        """Rules of which all conditions hold for some call."""

    def told(self, store: Batches, ask: "Ask") -> Iterator[Assumption]:
        asked = dict.fromkeys([*self._of_levers(), *self._of_routes()])
        columns = {"tags" if name.startswith(TAGS) else name for name in asked}
        columns |= {name for rule in self._idle for name in rule.conditions.columns()}
        if columns:
            parts = Parts(store, ask.question, sorted(columns | ask.question.selection.columns()))
            for number in range(len(parts)):
                self._look(Columns(parts.calls(number)), list(asked))
                if not self._idle and self._stated.issuperset(asked):
                    break
        yield from map(self._idly, self._idle)
        yield from self._in_vain()

    def _of_levers(self) -> Iterator[str]:
        for levers in self._policy.all_levers():
            if levers.prompt_cache is not None and levers.prompt_cache.simulate:
                yield _PREFIXES
            if levers.response_cache is not None:
                yield _PROMPTS

    def _of_routes(self) -> Iterator[str]:
        for rule in self._policy.rules:
            if rule.route.sticky is not None:
                yield from _CONVERSATIONS
            if rule.route.budget is not None:
                yield rule.route.budget.per

    def _look(self, columns: Columns, asked: Sequence[str]) -> None:
        self._stated |= {name for name in asked if _is_stated(columns, name)}
        for rule in self._idle:
            for place, test in enumerate(rule.conditions.tests):
                if _is_stated(columns, test.column):
                    self._stated.add(test.column)
                if test.holds(columns).any():
                    self._held.add((rule.name, place))
            if rule.conditions.holds(columns).any():
                self._all_held.add(rule.name)

    def _idly(self, rule: Rule) -> Assumption:
        return Assumption(f"Rule '{rule.name}' took no call: {self._why_idle(rule)}.", "routes")

    def _why_idle(self, rule: Rule) -> str:
        tests: Sequence[Comparison] = rule.conditions.tests
        unstated = [test.column for test in tests if test.column not in self._stated]
        never = [test for place, test in enumerate(tests) if (rule.name, place) not in self._held]
        if unstated and never:
            return f"no call of the log states {' or '.join(dict.fromkeys(unstated))}"
        if never:
            return "there is none where " + " or ".join(f"{test.column} {test.wanted}" for test in never)
        if rule.name in self._all_held:
            return "rules before it take all that meet its conditions"
        return "none meets all of its conditions at once"

    def _in_vain(self) -> Iterator[Assumption]:
        if _PREFIXES in self._of_levers() and _PREFIXES not in self._stated:
            text = "No prompt cache is simulated: without text or block hashes no log tells which prompts begin alike."
            yield Assumption(text, "prompt-cache")
        if _PROMPTS in self._of_levers() and _PROMPTS not in self._stated:
            text = "No answer is given again: without text no log tells which prompts are the same."
            yield Assumption(text, "response-cache")
        for rule in (rule for rule in self._policy.rules if rule not in self._idle):
            if rule.route.sticky is not None and not self._stated.intersection(_CONVERSATIONS):
                text = f"'{rule.name}' keeps no conversation on its model: no call states a conversation or trace."
                yield Assumption(text, "routes")
            if rule.route.budget is not None and rule.route.budget.per not in self._stated:
                text = f"No budget of '{rule.name}' ever ends: no call of the log states {rule.route.budget.per}."
                yield Assumption(text, "budgets")


def _is_stated(columns: Columns, name: str) -> bool:
    """Whether some call states a column or a tag; of lists, one that is not empty."""
    if name == _PREFIXES:
        return bool(np.any(pc.fill_null(pc.list_value_length(columns.calls.column(name)), 0).to_numpy() > 0))
    if name.startswith(TAGS):
        return any(label is not None for label in columns.word(name)[1])
    return bool(columns.stated(name).any())
