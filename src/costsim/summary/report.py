"""Everything that any output draws, as plain values; the JSON of contracts is these structs as they are.

Money is a decimal string of USD, exact; None is 'not known'.
"""

import msgspec


class Window(msgspec.Struct, rename={"start": "from"}):
    """The time that the calls span; None where no call has a time."""

    start: str | None
    to: str | None
    days: float | None


class Prices(msgspec.Struct):
    """Which prices were used."""

    sources: list[str]
    as_of: str
    newest: str
    hash: str
    mode: str


class UnpricedModel(msgspec.Struct):
    """A model without a price, with what is therefore not in the total."""

    model: str | None
    provider: str | None
    calls: int
    input_tokens: int
    output_tokens: int
    why: str
    nearest: list[str]


class Reject(msgspec.Struct):
    """A line that could not be read."""

    where: str
    reason: str


class Source(msgspec.Struct, omit_defaults=True):
    """One file, and what became of its lines."""

    name: str
    format: str
    lines: int
    calls: int
    rejected: int
    not_calls: int
    damage: str | None
    other_formats: list[str] = msgspec.field(default_factory=list)
    """Besides `format`, where it holds calls of several; not in the JSON of any other file."""


class Coverage(msgspec.Struct):
    """What the figures rest on; lines == calls + duplicates + rejected + not_calls, calls == priced + unpriced."""

    lines: int
    calls: int
    duplicates: int
    rejected: int
    not_calls: int
    left_out: int
    """Calls that the user's own filters left out; they are counted in none of the others but lines."""
    priced: int
    unpriced: int
    computed: int
    reported: int
    tokens_logged: int
    tokens_counted: int
    tokens_estimated: int
    tokens_unknown: int
    tokens_invalid: int
    before_first_price: int
    unpriced_reasons: dict[str, int]
    unpriced_models: list[UnpricedModel]
    rejects: list[Reject]
    skipped: list[str]
    sources: list[Source]


class Group(msgspec.Struct):
    """The calls that share a value of a dimension, or of several."""

    key: list[str | None] | str | None
    calls: int
    priced: int
    errors: int
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost_usd: str
    reported_cost_usd: str | None
    cost_per_call_usd: str | None
    cost_per_1000_calls_usd: str | None
    cost_per_million_tokens_usd: str | None
    share: float | None
    """Of the total cost, in [0, 1]."""


class Spend(msgspec.Struct):
    """The cost by what it was paid for; the parts add up to the computed cost."""

    input_usd: str
    cached_input_usd: str
    cache_write_usd: str
    output_usd: str
    reasoning_usd: str
    other_usd: str


class Totals(Group, kw_only=True):
    """All the calls."""

    spend: Spend
    cached_share: float | None
    """Cache reads / input tokens."""
    monthly_usd: str | None
    """The cost of 30.44 days at the pace of the window, of the calls that have a time; None for less than a day."""
    undated_calls: int
    """Calls without a time, which no window holds."""
    undated_cost_usd: str
    classified_below_0_6: float | None
    """Share of the cost whose task is not known with a confidence of 0.6."""


class Observed(msgspec.Struct):
    """What went wrong and what was tried again, as far as the log shows; rates in [0, 1]."""

    errors: int
    error_rate: float
    retries: int
    retry_rate: float
    fallbacks: int
    fallback_rate: float
    escalations: int
    escalation_rate: float
    """Of pieces of work: calls less retries."""


class Difference(msgspec.Struct):
    """Calls whose reported cost is not the computed one, for one reason."""

    reason: str
    calls: int
    reported_usd: str
    computed_usd: str
    difference_usd: str


class Comparison(msgspec.Struct):
    """Reported against computed cost, over the calls that have both."""

    calls: int
    equal: int
    reported_usd: str
    computed_usd: str
    differences: list[Difference]


class CommittedMonth(msgspec.Struct):
    """One month (UTC) of a fee that includes tokens."""

    name: str
    month: str
    fee_usd: str
    included_tokens: int
    calls: int
    used_tokens: int
    list_usd: str
    """What those tokens cost at list price; it is in the totals, the fee is not."""
    overage_tokens: int
    overage_usd: str
    """The tokens above the included ones, at what the month's tokens cost on average."""
    cost_usd: str
    """Fee and overage."""


class FreeUse(msgspec.Struct):
    """What a provider gives for nothing every day or month, over the models that share it."""

    name: str
    unit: str
    count: int
    per: str
    used: int
    free: int
    """How many of the used ones were free."""
    credit_usd: str
    """What those cost at list price, in the totals."""


class Allowances(msgspec.Struct):
    """Fees and free quotas, which no single call has a price by; the totals are at list price, without them."""

    commitments: list[CommittedMonth]
    free: list[FreeUse]
    cost_usd: str
    """The totals with free quotas taken off, and fees in the place of the tokens that they include."""


class Finding(msgspec.Struct):
    """Something that could be saved, or that the figures do not hold."""

    id: str
    title: str
    calls: int
    spend_usd: str
    could_save_usd: str | None
    how: str
    """How the saving was computed."""
    do: str
    """What to do about it."""


class Report(msgspec.Struct):
    """What `audit` says."""

    schema_version: str
    command: str
    window: Window
    prices: Prices
    coverage: Coverage
    totals: Totals
    groups: dict[str, list[Group]]
    observed: Observed
    comparison: Comparison | None
    findings: list[Finding]
    findings_together_usd: str
    """What all findings could save together at most: no dollar of a call is counted twice."""
    assumptions: list[str]
    allowances: Allowances | None = None
