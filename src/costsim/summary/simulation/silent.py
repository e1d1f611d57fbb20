"""What a policy asks for and the log does not have: rules that took no call, levers and routes that find nothing.

A policy that does nothing because a tag is misspelled must not look like one that saves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import msgspec
import numpy as np
import pyarrow.compute as pc

from costsim.policies.columns import TAGS, Columns
from costsim.policies.conditions import Comparison, Conditions, compile
from costsim.policies.policy import Policy
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.report import Assumption
from costsim.summary.simulation.sums import PolicySums
from costsim.tasks import UNKNOWN

_CONVERSATIONS = ("conversation_id", "trace_id")
_PREFIXES, _PROMPTS = "prefix_hashes", "prompt_hash"
_TIME, _TASK, _CONFIDENCE = "started_at", "task", "task_confidence"
_GOES_BY = {"prompt_cache": _PREFIXES, "response_cache": _PROMPTS}
_DOES = {
    "batch": ("No call is sent at the batch price by `batch`", "levers"),
    "response_cache": ("No answer is given again by `response_cache`", "response-cache"),
}
"""Levers with conditions of their own, what they do not do where these hold for no call, and where that stands."""
_PARTS = ("system_tokens", "history_tokens", "user_tokens", "tool_tokens")


class Seen(msgspec.Struct):
    """What some calls state of that which policies ask for; policies by their place among the runs."""

    stated: set[str] = msgspec.field(default_factory=set)
    """Columns and tags that some call states."""
    held: set[tuple[int, int, int]] = msgspec.field(default_factory=set)
    """Policies, rules (and after them levers) and conditions of theirs that hold for some call."""
    all_held: set[tuple[int, int]] = msgspec.field(default_factory=set)
    """Policies and rules (and after them levers) of which all conditions hold for some call."""

    def add(self, other: "Seen") -> None:
        """Add what other calls state."""
        self.stated |= other.stated
        self.held |= other.held
        self.all_held |= other.all_held

    def take(self, columns: Columns, policies: Mapping[int, Policy]) -> None:
        """Add a batch of calls, looking only for what no call before has stated."""
        for place, policy in policies.items():
            self._take_columns(columns, [*_of_levers(policy), *_of_routes(policy)])
            for number, conditions in enumerate(_conditions(policy)):
                if (place, number) not in self.all_held:
                    self._take_conditions(columns, place, number, conditions)

    def _take_conditions(self, columns: Columns, place: int, number: int, conditions: Conditions) -> None:
        self._take_columns(columns, [name for test in conditions.tests for name in _goes_by(test)])
        everything = np.ones(len(columns), np.bool_)
        for at, test in enumerate(conditions.tests):
            holds = test.holds(columns)
            everything &= holds
            if holds.any():
                self.held.add((place, number, at))
        if conditions.share < 1 and everything.any():
            everything &= columns.place() < conditions.share
        if everything.any():
            self.all_held.add((place, number))

    def _take_columns(self, columns: Columns, names: Sequence[str]) -> None:
        self.stated |= {name for name in names if name not in self.stated and _is_stated(columns, name)}


def policies_of(ask: Ask) -> dict[int, Policy]:
    """Return the policies of which it is told what they ask for in vain, by their place among the runs."""
    return {place: run.policy for place, run in enumerate(ask.runs) if run.is_policy}


def columns_of(policy: Policy) -> set[str]:
    """Return the columns of `calls` that are looked at."""
    asked = {*_of_levers(policy), *_of_routes(policy)}
    return {"tags" if name.startswith(TAGS) else name for name in asked} | {
        name
        for conditions in _conditions(policy)
        for name in (*conditions.columns(), *chain.from_iterable(map(_goes_by, conditions.tests)))
        if not name.startswith(TAGS)
    }


def notes(ask: Ask, seen: Seen, sums: Sequence[PolicySums]) -> Iterator[Assumption]:
    """Yield what the policies ask for in vain."""
    for place, policy in policies_of(ask).items():
        yield from _Vain(place, policy, seen, sums[place]).told()


def idle_levers(policy: Policy, seen: Seen) -> set[str]:
    """Return the levers of a policy of which no call states what they go by."""
    wanted = set(_of_levers(policy))
    return {
        lever for lever, column in _GOES_BY.items() if column in wanted and not seen.stated.issuperset((column, _TIME))
    }


class _Vain:
    """One policy."""

    def __init__(self, place: int, policy: Policy, seen: Seen, sums: PolicySums) -> None:
        self._place, self._policy, self._seen = place, policy, seen
        self._conditions = _conditions(policy)
        self._idle = [number for number in range(len(policy.rules)) if number not in sums.rules]
        """Rules that took no call."""

    def told(self) -> Iterator[Assumption]:
        for number in self._idle:
            name = self._policy.rules[number].name
            yield Assumption(f"Rule '{name}' took no call: {self._why_idle(number)}.", "routes")
        yield from self._in_vain()

    def _why_idle(self, number: int) -> str:
        tests: Sequence[Comparison] = self._conditions[number].tests
        never = [test for at, test in enumerate(tests) if (self._place, number, at) not in self._seen.held]
        unstated = [name for test in never for name in _goes_by(test) if name not in self._seen.stated]
        if _TASK in unstated:
            return "the task of no call is known; without text, --tasks or a column `task` states it"
        if unstated:
            return f"no call of the log states {' or '.join(dict.fromkeys(unstated))}"
        if never:
            return "there is none where " + " or ".join(f"{test.column} {test.wanted}" for test in never)
        if (self._place, number) in self._seen.all_held:
            return "rules before it take all that meet its conditions"
        return "none meets all of its conditions at once"

    def _lacking(self, column: str, unknown: str) -> str:
        return unknown if column not in self._seen.stated else "no call states its time"

    def _in_vain(self) -> Iterator[Assumption]:
        stated, levers = self._seen.stated, set(_of_levers(self._policy))
        idle = idle_levers(self._policy, self._seen)
        if "prompt_cache" in idle:
            unknown = "without text or block hashes no log tells which prompts begin alike"
            yield Assumption(f"No prompt cache is simulated: {self._lacking(_PREFIXES, unknown)}.", "prompt-cache")
        if "response_cache" in idle:
            unknown = "without text no log tells which prompts are the same"
            yield Assumption(f"No answer is given again: {self._lacking(_PROMPTS, unknown)}.", "response-cache")
        if levers.issuperset(_PARTS) and not stated.intersection(_PARTS):
            text = "No input is trimmed: without text no log tells what of it is system prompt, history or tools."
            yield Assumption(text, "trim")
        yield from self._waiting_for_none(idle)
        for rule in (rule for number, rule in enumerate(self._policy.rules) if number not in self._idle):
            if rule.route.sticky is not None and not stated.intersection(_CONVERSATIONS):
                text = f"'{rule.name}' keeps no conversation on its model: no call states a conversation or trace."
                yield Assumption(text, "routes")

    def _waiting_for_none(self, idle: set[str]) -> Iterator[Assumption]:
        """Levers with conditions of their own that no call meets."""
        own = _of_their_own(self._policy)
        for number, ((lever, when), _) in enumerate(own.items(), len(self._policy.rules)):
            if (self._place, number) not in self._seen.all_held and lever not in idle:
                about, where = _DOES[lever]
                yield Assumption(f"{about}{_whose(self._policy, lever, when)}: {self._why_idle(number)}.", where)


def _goes_by(test: Comparison) -> tuple[str, ...]:
    """The columns that a condition goes by: nothing has a confidence where no task is known."""
    return (test.column, _TASK) if test.column == _CONFIDENCE else (test.column,)


def _conditions(policy: Policy) -> list[Conditions]:
    """The conditions of every rule, and after them those of levers."""
    return [*(rule.conditions for rule in policy.rules), *_of_their_own(policy).values()]


def _of_their_own(policy: Policy) -> dict[tuple[str, str], Conditions]:
    """The conditions of levers, by lever and how they are written."""
    found: dict[tuple[str, str], Conditions] = {}
    for levers in policy.all_levers():
        for lever in _DOES:
            if when := getattr(getattr(levers, lever), "when", None):
                found.setdefault((lever, str(when)), compile(when))
    return found


def _whose(policy: Policy, lever: str, when: str) -> str:
    """Whose lever has these conditions, where that of another has others, or none, and may well act."""
    named = [("the policy", policy.levers), *((f"rule '{rule.name}'", rule.levers) for rule in policy.rules)]
    conditions = [(name, str(own.when)) for name, levers in named if (own := getattr(levers, lever)) is not None]
    if len({each for _, each in conditions}) == 1:
        return ""
    return " of " + next(name for name, each in conditions if each == when)


def _of_levers(policy: Policy) -> Iterator[str]:
    for levers in policy.all_levers():
        if levers.prompt_cache is not None and levers.prompt_cache.simulate:
            yield from (_PREFIXES, _TIME)
        if levers.response_cache is not None:
            yield from (_PROMPTS, _TIME)
        if levers.trim is not None and any(getattr(levers.trim, part) < 1 for part in _PARTS):
            yield from _PARTS


def _of_routes(policy: Policy) -> Iterator[str]:
    for rule in policy.rules:
        if rule.route.sticky is not None:
            yield from _CONVERSATIONS


def _is_stated(columns: Columns, name: str) -> bool:
    """Whether some call states a column or a tag; of lists, one that is not empty, of tasks, one that is known."""
    if name == _PREFIXES:
        return bool(np.any(pc.fill_null(pc.list_value_length(columns.calls.column(name)), 0).to_numpy() > 0))
    if name.startswith(TAGS):
        return any(label is not None for label in columns.word(name)[1])
    if name == _TASK:
        codes, labels = columns.word(name)  # all the words that there are, whether a call has them or not
        return any(labels[code] not in (None, UNKNOWN) for code in np.flatnonzero(np.bincount(codes)).tolist())
    return bool(columns.stated(name).any())
