"""Prices as a list that a person reads, and price files checked for mistakes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from costsim import prices
from costsim.app.prices.rate_choice import choose, moment
from costsim.errors import ConfigError, UsageError, nearest
from costsim.prices import TIERS, ModelFacts, PriceTable
from costsim.prices.sheets.files import sources
from costsim.prices.sheets.layers import read
from costsim.prices.sheets.sheet import UserSheet
from costsim.reports.numbers import plural
from costsim.reports.prices.rate_card import Listed, PriceList, own

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STANDARD = TIERS[0]


def listed(provider: str | None, mode: str | None, as_of: str, files: Sequence[Path] = ()) -> PriceList:
    """Return every model with its standard rates at a day, in the order of providers and names."""
    at = day(as_of)
    table = prices.load(tuple(files))
    wanted = _provider(table, provider)
    models = [(index, table.facts(index)) for index in range(len(table))]
    modes = {facts.mode for _, facts in models}
    if mode is not None and mode not in modes:
        raise UsageError(f"unknown mode '{mode}'", where="--mode", hint=nearest(mode, modes))
    kept = [
        (index, facts)
        for index, facts in models
        if facts.region is None and wanted in (None, facts.provider) and mode in (None, facts.mode)
    ]
    kept.sort(key=lambda one: (one[1].provider, one[1].model.lower()))
    return PriceList(as_of=as_of, models=[_listed(table, index, facts, at) for index, facts in kept])


def checked(paths: Sequence[Path]) -> tuple[list[str], str]:
    """Return everything wrong in these price files, or the shipped ones, and a line that says what was looked at."""
    own_files = [source for source in sources(paths) if not source.shipped or not paths]
    try:
        sheets = [read(source) for source in own_files]
    except ConfigError:
        return prices.lint(paths), ""
    if any(isinstance(sheet, UserSheet) and sheet.alias for sheet in sheets) and (problems := prices.lint(paths)):
        return problems, ""
    models = [model for sheet in sheets for model in sheet.models]
    counts = (
        (len(own_files), "file"),
        (len(models), "model"),
        (sum(len(model.prices) for model in models), "dated price"),
    )
    return [], ", ".join(plural(number, thing) for number, thing in counts) + ": no problems"


def day(text: str) -> int:
    """Return the moment (UTC microseconds) of 'today', of a day's noon, or of a time."""
    if text == "today":
        return _microseconds(datetime.now(UTC))
    try:
        if len(text) > len("2026-10-01"):
            when = datetime.fromisoformat(text)
            return _microseconds(when if when.tzinfo else when.replace(tzinfo=UTC))
        only = date.fromisoformat(text)
    except ValueError as problem:
        hint = "today, a day such as 2026-10-01, or a time such as 2026-10-01T18:00"
        raise UsageError(f"'{text}' is no day", where="--as-of", hint=hint) from problem
    return _microseconds(datetime(only.year, only.month, only.day, 12, tzinfo=UTC))


def _microseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def _provider(table: PriceTable, word: str | None) -> str | None:
    if word is None:
        return None
    if not (found := table.book.provider_of(word)):
        raise UsageError(f"unknown provider '{word}'", where="--provider", hint=nearest(word, table.book.shelves))
    return found


def _listed(table: PriceTable, index: int, facts: ModelFacts, at: int) -> Listed:
    choice = choose(table, index, at, _STANDARD, 0)
    usd = {unit: str(rate) for unit, rate in choice.rates.items()} if choice else {}
    by_tokens = "input" in usd or "output" in usd
    return Listed(
        provider=facts.provider,
        model=facts.model,
        mode=facts.mode,
        input=usd.get("input"),
        cache_read=usd.get("cache_read"),
        output=usd.get("output"),
        other={} if by_tokens else own(usd),
        context_window=facts.context_window,
        from_=moment(choice.start) if choice else None,
        checked=facts.checked,
    )
