"""Everything that any output of `check` draws, as plain values; its JSON is these structs as they are.

Money is a decimal string of USD, exact; None is 'not known'.
"""

from typing import Literal

import msgspec

Verdict = Literal["pass", "warn", "fail", "no evidence"]
Finding = Literal["regression", "improvement", "unproven", "small", "same", "too few calls"]


class Part(msgspec.Struct):
    """One reason for which the cost changed."""

    part: str
    change_usd: str
    monthly_usd: str | None


class Line(msgspec.Struct):
    """The total, a route or a task: its cost per piece of work, with the mix of this log on both sides.

    The mix of routes and tasks; and that of kinds of calls, unless it changed by more than chance.
    """

    scope: str
    """total, route or task."""
    key: str | None
    calls_before: int
    calls_now: int
    per_call_before_usd: str | None
    per_call_now_usd: str | None
    change_percent: float | None
    change_usd: str
    monthly_usd: str | None
    p_value: float | None
    """Adjusted for all the tests of this run (Holm); None where nothing was tested."""
    test: str | None
    """pairs, or spread: from the spread over conversations."""
    pairs: int
    finding: Finding
    level: str
    """fail, warn or off: what a regression of it means."""
    limit_percent: float
    sees_percent: float | None
    """A rise of so much or more, if it is worth the least dollars, would be called a regression in 95 % of runs; None
    where nothing was tested.
    """
    why: str
    parts: list[Part]
    """Without volume and mix, and with the kinds of calls that came by chance taken out; they add up to change_usd."""


class Moved(msgspec.Struct):
    """A route that only one of the logs has."""

    route: str | None
    calls: int
    cost_usd: str


class BudgetLine(msgspec.Struct):
    """An absolute budget and what was spent."""

    per: str
    key: str | None
    limit_usd: str
    spent_usd: str | None
    exceeded: bool
    level: str
    note: str


class SideOf(msgspec.Struct):
    """One of the two that are compared."""

    name: str
    start: str | None = msgspec.field(name="from")
    to: str | None
    days: float | None
    calls: int
    priced: int
    rejected: int
    cost_usd: str
    prices_hash: str
    prices_newest: str


class CheckReport(msgspec.Struct):
    """What `check` says."""

    schema_version: str
    command: str
    verdict: Verdict
    sentence: str
    """The verdict and the largest change, in one line."""
    comparison: str
    """logs, or policies."""
    before: SideOf | None
    now: SideOf
    change_usd: str
    """Of the total cost, volume and all; `parts` add up to it exactly."""
    monthly_usd: str | None
    """At the pace of this log, without calls that have no time; so are those of parts and lines."""
    undated_calls: int
    """Calls of this log without a time, with a price or without: not in any `monthly_usd`."""
    undated_cost_usd: str
    """What they cost."""
    parts: list[Part]
    lines: list[Line]
    new_routes: list[Moved]
    vanished_routes: list[Moved]
    budgets: list[BudgetLine]
    missing: list[str]
    """What would have to be there for a verdict."""
    limits: dict[str, float | str]
    assumptions: list[str]

    @property
    def regressions(self) -> list[Line]:
        """The lines that got dearer, materially and beyond noise, where that means anything."""
        return [line for line in self.lines if line.finding == "regression" and line.level != "off"]
