"""What counts as a regression: thresholds, levels and budgets, from `check:` in the configuration; flags win."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from costsim.decode import told
from costsim.errors import ConfigError, UsageError

FLAGS = {
    "max_increase_percent": "--max-increase",
    "min_increase_usd": "--min-usd",
    "min_calls": "--min-calls",
    "max_unpriced": "--max-unpriced",
    "max_rejected": "--max-rejected",
    "alpha": "--alpha",
    "level": "--level",
}
Level = Literal["fail", "warn", "off"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Above = Annotated[float, msgspec.Meta(ge=0)]
_MOST = 10**12
Period = Literal["call", "route", "day", "month", "user"]


class RouteLimits(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is different for one route."""

    max_increase_percent: Above | None = None
    min_increase_usd: Above | None = None
    level: Level | None = None


class Budget(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An amount that must not be exceeded, whatever it was before."""

    per: Period
    usd: Decimal
    route: str | None = None
    """Only calls of this route; of `per: call` and `per: route`."""
    level: Level = "fail"

    def __post_init__(self) -> None:
        """Raise ValueError for an amount that is none."""
        if not self.usd.is_finite() or not 0 <= self.usd <= _MOST:
            raise ValueError(f"a budget is from 0 to {_MOST:,} USD")


class Limits(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """When a change fails."""

    max_increase_percent: Above = 5.0
    min_increase_usd: Above = 1.0
    """A month, of calls that have a time; where no month can be told, 100,000 calls."""
    min_calls: Annotated[int, msgspec.Meta(ge=2)] = 30
    alpha: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.05
    """How often some route or other may be called a regression where nothing has changed."""
    level: Level = "fail"
    max_unpriced: Share = 0.01
    max_rejected: Share = 0.05
    min_judged: Share = 0.5
    """The part of the cost that must be on routes with enough calls in both logs."""
    routes: dict[str, RouteLimits] = {}
    budgets: list[Budget] = []

    def of(self, route: str | None) -> tuple[float, float, Level]:
        """Return percent, dollars and level of a route; None: of everything else."""
        own = self.routes.get(route or "", RouteLimits())
        percent = self.max_increase_percent if own.max_increase_percent is None else own.max_increase_percent
        dollars = self.min_increase_usd if own.min_increase_usd is None else own.min_increase_usd
        return percent, dollars, own.level or self.level


def with_flags(limits: Limits, **flags: Any) -> Limits:
    """Return limits with those flags that are not None in place of what they say; UsageError for nonsense."""
    stated = {name: value for name, value in flags.items() if value is not None}
    extra = stated.pop("budgets", [])
    changed = msgspec.structs.replace(limits, **stated, budgets=[*limits.budgets, *extra])
    try:
        return msgspec.convert(msgspec.to_builtins(changed), Limits)
    except msgspec.ValidationError as problem:
        path, what, hint = told(str(problem), Limits)
        name = path.removeprefix("$.")
        raise UsageError(what.removeprefix(f"{name}: "), where=FLAGS.get(name, name), hint=hint) from problem


def parse_budget(text: str) -> Budget:
    """Return the budget that '--budget month=500' or '--budget call:support=0.02' states; ConfigError for nonsense."""
    name, mark, value = text.partition("=")
    per, _, route = name.partition(":")
    try:
        if not mark:
            raise msgspec.ValidationError("no '='")
        return msgspec.convert({"per": per.strip(), "usd": value.strip(), "route": route or None}, Budget)
    except msgspec.ValidationError as problem:
        hint = "such as month=500, day=20, user=5, route=100, call=0.05 or call:support=0.02"
        raise ConfigError(f"'{text}' is no budget", where="--budget", hint=hint) from problem
