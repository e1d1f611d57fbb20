"""What `simulate` says, as plain values; the JSON of contracts is these structs as they are.

Money is a decimal string of USD, exact; None is 'not known'. Savings are signed: below zero is a loss.
"""

import msgspec

from costsim.summary.report import Coverage, Prices, Window


class Baseline(msgspec.Struct):
    """What the calls cost as they were made."""

    name: str
    calls: int
    cost_usd: str
    monthly_usd: str | None


class Interval(msgspec.Struct):
    """Bounds between which cost and savings lie with the probability `level`."""

    level: float
    cost_low_usd: str
    cost_high_usd: str
    savings_low_usd: str
    savings_high_usd: str


class Monthly(msgspec.Struct):
    """Cost and savings of 30.44 days at the pace of the window."""

    cost_usd: str
    savings_usd: str


class RouteLine(msgspec.Struct):
    """The calls of one rule; those of no rule are the last line. Lines add up to their policy exactly."""

    route: str
    model: str | None
    """The models that answer, cheapest leg first; None where every call keeps its own."""
    calls: int
    share: float
    """Of all calls."""
    attempts: float | None
    """Requests for each call that goes by the rule."""
    baseline_cost_usd: str
    cost_usd: str
    savings_usd: str
    savings_pct: float | None
    escalation_rate: float | None
    """Of the calls of a cascade; None where the route is none."""
    escalation_basis: str | None
    """Where that rate comes from: given, scores, observed, prior, or several of them with commas between."""
    break_even_escalation_rate: float | None
    """Above it, going straight to the strongest model is cheaper."""
    fallback_rate: float | None
    retry_rate: float | None
    unroutable: int
    unchanged_unpriced: int
    served_from_cache: int


class LeverLine(msgspec.Struct):
    """What one lever saves: the policy without it, less the policy with it."""

    lever: str
    savings_usd: str


class Quality(msgspec.Struct):
    """Mean scores over the calls that have a score on every model that may answer them; from 0 to 1."""

    scored_calls: int
    share: float
    """Of all calls."""
    score: float
    """Expected, under the policy."""
    logged_score: float
    """Of the same calls, as they were answered."""
    cost_per_point_usd: str | None
    """Expected cost of these calls / the sum of their scores."""
    gap_recovered: float | None
    """(policy - all-cheapest) / (all-strongest - all-cheapest): PGR; None where the three have other calls scored."""


class PolicyLine(msgspec.Struct):
    """One policy over all calls."""

    name: str
    hash: str
    cost_usd: str
    savings_usd: str
    savings_pct: float | None
    interval: Interval | None
    monthly: Monthly | None
    escalation_rate: float
    fallback_rate: float
    retry_rate: float
    unroutable: int
    unchanged_unpriced: int
    served_from_cache: int
    routes: list[RouteLine]
    levers: list[LeverLine]
    quality: Quality | None
    """None: not estimated, for want of scores."""


class Control(msgspec.Struct):
    """Another way to send the same calls, for comparison."""

    name: str
    policy: str
    cost_usd: str
    how: str


class SweepPoint(msgspec.Struct):
    """The policy with one number changed."""

    policy: str
    key: str
    value: float
    cost_usd: str
    savings_usd: str
    savings_pct: float | None


class Assumption(msgspec.Struct):
    """What a figure rests on, and where the methodology explains it."""

    text: str
    section: str


class SimulationReport(msgspec.Struct):
    """What `simulate` says."""

    schema_version: str
    command: str
    window: Window
    prices: Prices
    coverage: Coverage
    baseline: Baseline
    policies: list[PolicyLine]
    controls: list[Control]
    sweep: list[SweepPoint]
    assumptions: list[Assumption]
