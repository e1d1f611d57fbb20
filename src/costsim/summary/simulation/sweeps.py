"""`--sweep KEY=FROM:TO:STEP`: the same policy with one number changed, for every value of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial

import msgspec
from msgspec.structs import replace

from costsim.errors import UsageError, nearest
from costsim.policies.conditions import SHARE, Comparison, Conditions
from costsim.policies.document import MOST_TIMES, Escalate, Fallback
from costsim.policies.kinds import Span
from costsim.policies.policy import Policy, Rule

_CONDITION, _RULES = "conditions.", "rules."
_LARGEST = 10**15
_MOST = 200
"""Values of one sweep; each is a replay of its own."""
_HINT = "for example --sweep escalation_rate=0:0.5:0.05 or --sweep rules.NAME.conditions.input_tokens=1000,4000,8000"


class Sweep(msgspec.Struct, frozen=True):
    """A number of a policy, and the values that it is given."""

    key: str
    values: tuple[float, ...]

    def policies(self, policy: Policy) -> Iterator[tuple[float, Policy]]:
        """Yield the policy with each value; nothing where it has no such number."""
        if self.key in keys_of(policy):
            rule, number = _split(self.key, policy)
            for value in self.values:
                yield value, _changed(policy, rule, number, value)

    def insist(self, policies: Sequence[Policy]) -> None:
        """Raise UsageError where none of the policies has such a number."""
        known = dict.fromkeys(key for policy in policies for key in keys_of(policy))
        if self.key not in known:
            if finer := [key for key in known if key.startswith(f"{self.key}.")]:
                hint = f"say {' or '.join(finer)}"
                raise UsageError(f"{self.key} is more than one number of a rule", where="--sweep", hint=hint)
            whose = f"policy '{policies[0].name}' has no" if len(policies) == 1 else "none of the policies has a"
            raise UsageError(f"{whose} {self.key} to change", where="--sweep", hint=_known(self.key, known))

    def warnings(self, policies: Sequence[Policy]) -> Iterator[str]:
        """Yield of which policies the sweep sets numbers alike that differ, in several rules."""
        for policy in policies:
            found = {rule.name: _numbers(rule).get(self.key) for rule in policy.rules}
            stated = {name: next(iter(numbers.values())) for name, numbers in found.items() if numbers}
            if self.key in keys_of(policy) and len(set(stated.values())) > 1:
                rules = " and ".join(f"'{name}' ({number:,g})" for name, number in stated.items())
                hint = f"{_RULES}NAME.{self.key} changes one of them"
                yield f"--sweep: {self.key} gets one value in {rules} of policy '{policy.name}' ({hint})"


def _known(key: str, keys: Iterable[str]) -> str:
    """A hint that names all keys that there are, and the one that may have been meant."""
    near = nearest(key, keys)
    meant = f"{near} " if near.startswith("did") else ""
    return f"{meant}there are {', '.join(keys)}"


def keys_of(policy: Policy) -> list[str]:
    """Return all numbers of a policy that a sweep may name: of all rules at once, and of single ones.

    A column that some rule compares with two numbers is no one number: each goes by its operator.
    """
    of_rules = {rule.name: list(_keys_of_rule(rule)) for rule in policy.rules}
    of_all = dict.fromkeys(key for keys in of_rules.values() for key in keys)
    several = {key for rule in policy.rules for key, found in _numbers(rule).items() if len(found) > 1}
    falls = ["fallback_rate"] if policy.fallback is not None else []
    tokens = ["input_tokens", "output_tokens"] if policy.models() else []
    named = [f"{_RULES}{name}.{key}" for name, keys in of_rules.items() for key in keys]
    return [*(key for key in of_all if key not in several), *falls, *tokens, *named]


def _keys_of_rule(rule: Rule) -> Iterator[str]:
    if rule.route.cascade is not None:
        yield "escalation_rate"
    numbers = _numbers(rule)
    for column, found in numbers.items():
        yield from (column,) if len(found) == 1 else (f"{column}.{word}" for word in found)


def _numbers(rule: Rule) -> dict[str, dict[str, float]]:
    """The plain numbers of a rule's conditions, by column and operator."""
    found: dict[str, dict[str, float]] = {}
    for test in rule.conditions.tests:
        if _is_number(test):
            found.setdefault(_CONDITION + test.column, {})[test.word] = test.operand.low
    if rule.conditions.share < 1:
        found[_CONDITION + SHARE] = {SHARE: rule.conditions.share}
    return found


def _split(key: str, policy: Policy) -> tuple[str | None, str]:
    """The rule that a key names, or None for all of them, and what is changed there; names may hold dots."""
    if not key.startswith(_RULES):
        return None, key
    rest = key.removeprefix(_RULES)
    name = max((rule.name for rule in policy.rules if rest.startswith(f"{rule.name}.")), key=len)
    return name, rest.removeprefix(f"{name}.")


def _changed(policy: Policy, rule: str | None, number: str, value: float) -> Policy:
    """The policy with a number changed in one rule, or in all."""
    if number in _OF_POLICY:
        return _OF_POLICY[number](policy, value)
    change = (
        _escalation if number == "escalation_rate" else partial(_conditions, column=number.removeprefix(_CONDITION))
    )
    rules = (change(each, value=value) if rule in (None, each.name) else each for each in policy.rules)
    return replace(policy, rules=tuple(rules))


def parse(text: str) -> Sweep:
    """Return the sweep that a text asks for: KEY=FROM:TO:STEP, or KEY=VALUE,VALUE ..."""
    key, _, values = text.partition("=")
    if key not in _KEYS and not key.startswith((_CONDITION, _RULES)):
        hint = nearest(key, [*_KEYS, f"{_CONDITION}COLUMN", f"{_RULES}NAME.{_CONDITION}COLUMN"])
        raise UsageError(f"'{key}' is no number of a policy", where="--sweep", hint=hint)
    try:
        found = tuple(float(value) for value in _values(values))
    except (InvalidOperation, ValueError) as problem:
        raise UsageError(f"'{values}' is no list of values", where="--sweep", hint=_HINT) from problem
    if not 0 < len(found) <= _MOST:
        raise UsageError(f"{len(found)} values, where 1 to {_MOST} can be tried", where="--sweep", hint=_HINT)
    if key.rpartition(".")[2] in _RATES and not all(0 <= value <= 1 for value in found):
        raise UsageError(f"{key} is from 0 to 1", where="--sweep", hint=_HINT)
    if key in _FACTORS and not all(0 < value <= MOST_TIMES for value in found):
        raise UsageError(f"{key} is a factor above 0 and up to {MOST_TIMES:,}", where="--sweep", hint=_HINT)
    return Sweep(key, found)


def _values(text: str) -> list[Decimal]:
    if ":" not in text:
        return [_number(value) for value in text.split(",")]
    start, to, step = (_number(part) for part in text.split(":"))
    if step <= 0 or to < start:
        raise ValueError(text)
    count = int((to - start) / step) + 1
    return [start + step * number for number in range(min(count, _MOST + 1))]


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite() or abs(value) > _LARGEST:
        raise ValueError(text)
    return value


def _escalation(rule: Rule, value: float) -> Rule:
    if rule.route.cascade is None:
        return rule
    escalate = replace(rule.route.escalate or Escalate(), rate=value)
    return replace(rule, route=replace(rule.route, escalate=escalate))


def _fallback(policy: Policy, value: float) -> Policy:
    if policy.fallback is None:
        return policy
    fallback: Fallback = replace(policy.fallback, rate=value)
    return replace(policy, fallback=fallback)


def _tokens(name: str) -> Callable[[Policy, float], Policy]:
    def change(policy: Policy, value: float) -> Policy:
        factors = dict.fromkeys(policy.models(), value)
        return replace(policy, assume=replace(policy.assume, **{name: factors}))

    return change


def _conditions(rule: Rule, value: float, column: str) -> Rule:
    """Every number that a condition of the rule compares this column with, or that it does by one operator."""
    tests = tuple(
        replace(test, operand=Span(value, value))
        if column in (test.column, f"{test.column}.{test.word}") and _is_number(test)
        else test
        for test in rule.conditions.tests
    )
    share = value if column == SHARE and rule.conditions.share < 1 else rule.conditions.share
    return replace(rule, conditions=Conditions(tests, share))


def _is_number(test: Comparison) -> bool:
    """Whether a condition compares with one plain number."""
    return test.kind in ("number", "tag") and test.operator.operand == "value" and test.operator.as_numbers


_OF_POLICY: dict[str, Callable[[Policy, float], Policy]] = {
    "fallback_rate": _fallback,
    "input_tokens": _tokens("input_tokens"),
    "output_tokens": _tokens("output_tokens"),
}
_KEYS = ("escalation_rate", *_OF_POLICY)
"""What can be swept, besides conditions: rates, and the factors of tokens on all models of the policy."""
_FACTORS = ("input_tokens", "output_tokens")
_RATES = ("escalation_rate", "fallback_rate", SHARE)
