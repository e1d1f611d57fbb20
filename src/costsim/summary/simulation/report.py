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
    """Of the calls that have a time."""
    undated_calls: int
    """Calls without a time, which no window holds."""
    undated_cost_usd: str


class Interval(msgspec.Struct):
    """Bounds between which cost and savings lie with the probability `level`."""

    level: float
    cost_low_usd: str
    cost_high_usd: str
    savings_low_usd: str
    savings_high_usd: str


class Monthly(msgspec.Struct):
    """Cost and savings of 30.44 days at the pace of the window, of the calls that have a time."""

    cost_usd: str
    savings_usd: str


class RouteLine(msgspec.Struct):
    """The calls of one rule; those of no rule are the last line.

    Lines add up to their policy exactly.
    """

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
    """Calls that no model of the route can do, which stay; `obstacles` say why."""
    unchanged_unpriced: int
    served_from_cache: int
    obstacles: list["Obstacle"]
    scored_calls: int = 0
    """Calls with a score on every model that may answer them; without any, nothing is said of scores."""
    score: float | None = None
    """Expected, under the policy."""
    logged_score: float | None = None
    """Of the same calls, as they were answered."""


class Obstacle(msgspec.Struct):
    """What keeps calls that fit no model of their route from one of these models; a call may meet several."""

    model: str
    why: str
    calls: int


class LeverLine(msgspec.Struct):
    """What one lever saves: the policy without it, less the policy with it."""

    lever: str
    savings_usd: str


class Quality(msgspec.Struct, kw_only=True):
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
    compared_calls: int = 0
    """Of the scored calls, those with scores under all-cheapest and all-strongest too, as PGR to AIQ."""
    gap_recovered: float | None = None
    """(policy - all-cheapest) / (all-strongest - all-cheapest): PGR."""
    apgr: float | None = None
    """Mean gap recovered over all shares of calls that may ask the strongest model: APGR."""
    cpt_50: float | None = None
    """The least share of calls to the strongest model that recovers half of the gap; 80 % of it in `cpt_80`."""
    cpt_80: float | None = None
    aiq: float | None = None
    """Mean score over all budgets from that of all-cheapest to that of all-strongest: AIQ."""
    failures: list["FailurePair"]


class FailurePair(msgspec.Struct):
    """How often two models of a policy fail (score below 0.5) the same of the calls that have a score on both."""

    models: list[str]
    calls: int
    fails: list[float]
    both_fail: float
    if_independent: float
    """How often both would fail if one's failing said nothing of the other's: what overstates a cascade."""
    correlation: float | None


class PolicyLine(msgspec.Struct):
    """One policy over all calls."""

    name: str
    hash: str
    cost_usd: str
    savings_usd: str
    savings_pct: float | None
    interval: Interval | None
    monthly: Monthly | None
    undated_cost_usd: str
    """Of the calls without a time."""
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
