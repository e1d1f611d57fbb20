"""Lists of prices and one model's rates as text: tables for people, JSON and CSV for programs."""

import csv
import io
from collections.abc import Callable, Sequence

import msgspec

from costsim.reports.aligned import NOTHING, columns, on_point
from costsim.reports.layout import wrapped
from costsim.reports.legible import clean
from costsim.reports.numbers import plural
from costsim.reports.prices.rate_card import Listed, PriceLine, PriceList, Rate, RateCard, per

WIDTH = 110
_INDENT = "  "
_FOREVER = "always"
"""The start of a price that is as old as the model, as far as is known."""


def list_as_table(found: PriceList) -> str:
    """Return a line per model; amounts are USD per million tokens."""
    heads = ("model", "input", "cache read", "output", "context", "from", "checked")
    money = [on_point([getattr(one, name) for one in found.models]) for name in ("input", "cache_read", "output")]
    money = [[head, *cells] for head, cells in zip(heads[1:4], money, strict=True)]
    names = [heads[0], *(clean(f"{one.provider}/{one.model}") for one in found.models)]
    sizes = [heads[4], *(f"{one.context_window:,}" if one.context_window else NOTHING for one in found.models)]
    since = [heads[5], *(one.from_ or _FOREVER for one in found.models)]
    days = [heads[6], *(one.checked or NOTHING for one in found.models)]
    other = ["", *(_billed_by(one) for one in found.models)]
    lines = columns(list(zip(names, *money, sizes, since, days, other, strict=True)), right=(1, 2, 3, 4))
    said = f"{plural(len(found.models), 'model')}, USD per 1M tokens, standard tier, {found.as_of}"
    return "\n".join([*lines, "", said]) + "\n"


def list_as_csv(found: PriceList) -> str:
    """Return a row per model, empty where nothing is known."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([name for name in Listed.__struct_encode_fields__ if name != "other"] + ["other"])
    for one in found.models:
        plain = msgspec.to_builtins(one)
        other = "; ".join(f"{unit} {usd}" for unit, usd in plain.pop("other").items())
        table.writerow(["" if value is None else value for value in plain.values()] + [other])
    return text.getvalue()


def card_as_table(card: RateCard, *, why: bool = False) -> str:
    """Return one model's rates line by line and where they come from; with `why`, everything that decided."""
    blocks = [
        _head(card),
        [_title(card), *_rates(card.rates)],
        _reasons(card, everything=why),
        _section("All rates of that day", _price_lines(card.prices, "prompt of", "hours"))
        if len(card.prices) > 1
        else [],
        _section(f"History of {card.tier}", _price_lines(card.history)) if len(card.history) > 1 else [],
        _names(card) if why else [],
    ]
    return "\n\n".join("\n".join(map(clean, block)) for block in blocks if block) + "\n"


def as_json(found: PriceList | RateCard) -> str:
    """Return the values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


LIST: dict[str, Callable[[PriceList], str]] = {"table": list_as_table, "json": as_json, "csv": list_as_csv}
"""What `costsim prices list --format` names."""


def _billed_by(one: Listed) -> str:
    return ", ".join(f"{usd} per {per(unit)} ({unit})" for unit, usd in one.other.items())


def _head(card: RateCard) -> list[str]:
    facts = [card.mode]
    if card.context_window:
        facts.append(f"context {card.context_window:,} tokens")
    if card.max_output_tokens:
        facts.append(f"at most {card.max_output_tokens:,} out")
    if caching := _caching(card):
        facts.append(f"caches {caching}")
    if card.cache_lifetimes:
        facts.append(f"cache lifetimes with a price: {', '.join(card.cache_lifetimes)}")
    if card.capabilities:
        facts.append(", ".join(card.capabilities))
    facts += [f"bills at least {least:,} {unit}" for unit, least in card.minimums.items()]
    facts += [f"{count:,} {unit} a {card.free_per} free" for unit, count in card.free.items()]
    facts += [f"{word} {day}" for word, day in (("released", card.released), ("retires", card.retires)) if day]
    region = f" ({card.region})" if card.region else ""
    return [f"{card.provider}/{card.model}{region}", *_filled(" | ".join(facts))]


def _caching(card: RateCard) -> str:
    """When and for how long prompts are cached, as far as it is known."""
    said = [] if card.cache_automatic is None else ["by itself" if card.cache_automatic else "on request"]
    said += [f"from {card.cache_min_tokens:,} tokens"] if card.cache_min_tokens else []
    minutes, seconds = divmod(card.cache_seconds or 0, 60)
    lasting = f"{minutes:,} min" if not seconds else f"{card.cache_seconds:,} s"
    return ", ".join([*said, f"for {lasting} at least"] if card.cache_seconds else said)


def _title(card: RateCard) -> str:
    return f"USD for a request of {card.input_tokens:,} input tokens, tier {card.tier}, {card.as_of}"


def _rates(rates: Sequence[Rate]) -> list[str]:
    own = [rate for rate in rates if rate.same_as is None]
    numbers = on_point([rate.usd for rate in own])
    rows = [(rate.unit, number, f"per {rate.per}") for rate, number in zip(own, numbers, strict=True)]
    repeated: dict[str, list[str]] = {}
    for rate in rates:
        if rate.same_as is not None:
            repeated.setdefault(rate.same_as, []).append(rate.unit)
    said = [line for unit, others in repeated.items() for line in _filled(f"as {unit}: {', '.join(others)}")]
    return [*columns(rows, _INDENT), *said]


def _reasons(card: RateCard, *, everything: bool) -> list[str]:
    steps = msgspec.structs.asdict(card.why)
    shown = steps if everything else {name: steps[name] for name in ("name", "day", "prompt")}
    origin = card.origin
    shown |= {"source": origin.source or "not stated", "checked": f"{origin.checked or 'not stated'} ({origin.file})"}
    if origin.note:
        shown["note"] = origin.note
    if card.retires_source:
        told = [card.retires or "no day announced", card.retires_source, card.retires_checked, card.retires_note]
        shown["retires"] = ", ".join(filter(None, told))
    return _section("Why these rates", _named_lines(shown))


def _names(card: RateCard) -> list[str]:
    found = {"also called": ", ".join(card.also_called), "elsewhere": ", ".join(card.elsewhere)}
    return _section("Names", _named_lines({name: words for name, words in found.items() if words}))


def _named_lines(said: dict[str, str]) -> list[str]:
    width = max(map(len, said), default=0) + len(_INDENT)
    return [line for name, text in said.items() for line in _filled(text, f"{_INDENT}{name:<{width}}")]


def _price_lines(prices: Sequence[PriceLine], *labels: str) -> list[str]:
    """Rows of rates: a column per unit, those first that people look for."""
    units = list(dict.fromkeys(unit for price in prices for unit in price.usd))
    money = [[unit, *on_point([price.usd.get(unit) for price in prices])] for unit in units]
    words = [["tier", *(price.tier for price in prices)], ["from", *(price.from_ or _FOREVER for price in prices)]]
    if labels and any(price.from_tokens for price in prices):
        words.append([labels[0], *(f"{price.from_tokens:,} or more" if price.from_tokens else "" for price in prices)])
    hours = [labels[1], *(price.hours for price in prices)] if labels and any(price.hours for price in prices) else None
    table = [*words, *money, *([hours] if hours else [])]
    first = len(words)
    return columns(list(zip(*table, strict=True)), _INDENT, right=range(first, first + len(money)))


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *lines] if lines else []


def _filled(text: str, indent: str = _INDENT) -> list[str]:
    if " " not in text:  # an address is copied whole
        return [indent + text]
    lines = wrapped(text, WIDTH, indent=indent, hanging=" " * len(indent))
    return ["".join(span for span, _ in line) for line in lines]
