"""`--sweep KEY=FROM:TO:STEP`: the same policy with one number changed, for every value of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

import msgspec

from costsim.errors import UsageError, nearest
from costsim.policies.conditions import Comparison, Conditions
from costsim.policies.document import Escalate, Fallback, Route
from costsim.policies.kinds import Span
from costsim.policies.policy import Policy, Rule

_CONDITION = "conditions."
_MOST = 200
"""Values of one sweep; each is a replay of its own."""
_HINT = "for example --sweep escalation_rate=0:0.5:0.05 or --sweep conditions.input_tokens=1000,4000,8000"


@dataclass(frozen=True)
class Sweep:
    """A number of a policy, and the values that it is given."""

    key: str
    values: tuple[float, ...]

    def policies(self, policy: Policy) -> Iterator[tuple[float, Policy]]:
        """Yield the policy with each value; UsageError where it has no such number."""
        change = _CHANGES.get(self.key) or (lambda changed, value: _conditions(changed, self.key, value))
        if change(policy, self.values[0]) == policy and all(change(policy, value) == policy for value in self.values):
            raise UsageError(f"policy '{policy.name}' has no {self.key} to change", where="--sweep", hint=_HINT)
        for value in self.values:
            yield value, change(policy, value)


def parse(text: str) -> Sweep:
    """Return the sweep that a text asks for: KEY=FROM:TO:STEP, or KEY=VALUE,VALUE ..."""
    key, mark, values = text.partition("=")
    if not mark or (key not in _CHANGES and not key.startswith(_CONDITION)):
        hint = nearest(key, [*_CHANGES, f"{_CONDITION}input_tokens"])
        raise UsageError(f"'{key}' is no number of a policy", where="--sweep", hint=hint)
    try:
        found = tuple(float(value) for value in _values(values))
    except (InvalidOperation, ValueError) as problem:
        raise UsageError(f"'{values}' is no list of values", where="--sweep", hint=_HINT) from problem
    if not 0 < len(found) <= _MOST:
        raise UsageError(f"{len(found)} values, where 1 to {_MOST} can be tried", where="--sweep", hint=_HINT)
    if key in _RATES and not all(0 <= value <= 1 for value in found):
        raise UsageError(f"{key} is from 0 to 1", where="--sweep", hint=_HINT)
    return Sweep(key, found)


def _values(text: str) -> list[Decimal]:
    if ":" not in text:
        return [Decimal(value) for value in text.split(",")]
    start, to, step = (Decimal(part) for part in text.split(":"))
    if step <= 0 or to < start:
        raise ValueError(text)
    count = int((to - start) / step) + 1
    return [start + step * number for number in range(min(count, _MOST + 1))]


def _with_rules(policy: Policy, change: Callable[[Rule], Rule]) -> Policy:
    return replace(policy, rules=tuple(change(rule) for rule in policy.rules))


def _escalation(policy: Policy, value: float) -> Policy:
    def change(rule: Rule) -> Rule:
        if rule.route.cascade is None:
            return rule
        escalate = msgspec.structs.replace(rule.route.escalate or Escalate(), rate=value)
        return replace(rule, route=_route(rule.route, escalate=escalate))

    return _with_rules(policy, change)


def _route(route: Route, escalate: Escalate) -> Route:
    return msgspec.structs.replace(route, escalate=escalate)


def _fallback(policy: Policy, value: float) -> Policy:
    if policy.fallback is None:
        return policy
    fallback: Fallback = msgspec.structs.replace(policy.fallback, rate=value)
    return replace(policy, fallback=fallback)


def _tokens(name: str) -> Callable[[Policy, float], Policy]:
    def change(policy: Policy, value: float) -> Policy:
        factors = dict.fromkeys(policy.models(), value)
        return replace(policy, assume=msgspec.structs.replace(policy.assume, **{name: factors}))

    return change


def _conditions(policy: Policy, key: str, value: float) -> Policy:
    """Every number that a condition compares this column with."""
    column = key.removeprefix(_CONDITION)

    def change(rule: Rule) -> Rule:
        tests = tuple(
            replace(test, operand=Span(value, value)) if test.column == column and _is_number(test) else test
            for test in rule.conditions.tests
        )
        share = value if column == "share" and rule.conditions.share < 1 else rule.conditions.share
        return replace(rule, conditions=Conditions(tests, share))

    return _with_rules(policy, change)


def _is_number(test: Comparison) -> bool:
    """Whether a condition compares with one plain number."""
    return test.kind in ("number", "tag") and test.operator.operand == "value" and test.operator.as_numbers


_CHANGES: dict[str, Callable[[Policy, float], Policy]] = {
    "escalation_rate": _escalation,
    "fallback_rate": _fallback,
    "input_tokens": _tokens("input_tokens"),
    "output_tokens": _tokens("output_tokens"),
}
"""What can be swept, besides `conditions.COLUMN`: rates, and the factors of tokens on all models of the policy."""
_RATES = ("escalation_rate", "fallback_rate")
