"""What a price file must not say, though its shape is right; each problem with the place where it stands."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from costsim.errors import nearest
from costsim.prices.sheets.rates import whole
from costsim.prices.sheets.schedule import minutes_of, offset_minutes, start_of
from costsim.prices.sheets.sheet import Level, ModelSheet, Price, ProviderSheet, Rates, UserSheet, Window
from costsim.prices.spelling import plain
from costsim.prices.units import PER, TIERS, TOKEN_UNITS

HIGHEST_TOKEN_RATE = 4 * 10**9
"""USD 4,000 per million tokens: below it, no call of up to 10^9 tokens overflows an int64 of 10^-12 USD."""
HIGHEST_SEARCH_RATE = 10**13
HIGHEST_RATE = 2**62 // 10**5
"""Of anything else that is billed one by one: 10^5 of it in one call, at most."""
_SEARCHES = frozenset({"web_search", "file_search", "map_search", "request", "message"})


class Problem(NamedTuple):
    """One thing wrong: where (`$.models[3].prices[0].rates.input`), what, and a hint."""

    path: str
    what: str
    hint: str = ""


def problems(sheet: ProviderSheet) -> Iterator[Problem]:
    """Yield everything that is wrong with one file."""
    for place, model in enumerate(sheet.models):
        yield from _model(model, f"$.models[{place}]")
    for place, fee in enumerate(sheet.fees):
        yield from _rates(fee.rates, f"$.fees[{place}].rates")
        before = sheet.fees[place - 1].from_ if place else None
        if place and (fee.from_ is None or (before is not None and fee.from_ <= before)):
            yield Problem(
                f"$.fees[{place}]", "the fees are not in order of time", "every fee but the first needs a `from`"
            )
    yield from _names(sheet)
    yield from _aliases(sheet)
    known = {model.model for model in sheet.models} | {alias.name for alias in sheet.aliases}
    yield from _small_models(sheet, known)
    if isinstance(sheet, UserSheet):
        yield from _user(sheet)


def _small_models(sheet: ProviderSheet, known: set[str]) -> Iterator[Problem]:
    stated = {f"$.small_models.{glob}": name for glob, name in sheet.small_models.items()}
    if sheet.small_model:
        stated["$.small_model"] = sheet.small_model
    for path, name in stated.items():
        if name not in known:
            yield Problem(path, f"small_model '{name}' is not a model of this file", nearest(name, known))


def _user(sheet: UserSheet) -> Iterator[Problem]:
    if sheet.models and not sheet.provider:
        yield Problem("$.models", "models without a provider", "add `provider: NAME`")
    yield from _discounts(sheet)
    yield from _commitments(sheet)


def _discounts(sheet: UserSheet) -> Iterator[Problem]:
    for place, discount in enumerate(sheet.discounts):
        if not discount.multiply.is_finite() or discount.multiply < 0:
            path = f"$.discount[{place}]" if isinstance(sheet.discount, list) else "$.discount"
            yield Problem(f"{path}.multiply", f"a multiplier of {discount.multiply}", "0.85 is 15 % off")


def _commitments(sheet: UserSheet) -> Iterator[Problem]:
    names = [commitment.name for commitment in sheet.commitments]
    for place, commitment in enumerate(sheet.commitments):
        path = f"$.commitment[{place}]" if isinstance(sheet.commitment, list) else "$.commitment"
        if commitment.name in names[:place]:
            yield Problem(f"{path}.name", f"two commitments are called '{commitment.name}'")
        if commitment.tokens <= 0:
            yield Problem(f"{path}.tokens", "a commitment that includes no tokens")
        if not commitment.fee_usd.is_finite() or commitment.fee_usd < 0:
            yield Problem(f"{path}.fee_usd", f"a fee of {commitment.fee_usd}")
        if commitment.from_ and commitment.until and commitment.until < commitment.from_:
            yield Problem(f"{path}.until", "a commitment ends before it begins")


def _names(sheet: ProviderSheet) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    moving = {plain(alias.name) for alias in sheet.aliases}
    for place, model in enumerate(sheet.models):
        for name in dict.fromkeys(map(plain, (model.model, *model.names))):
            if owner.setdefault(name, model.model) != model.model:
                yield Problem(
                    f"$.models[{place}]",
                    f"the name '{name}' belongs to '{owner[name]}' and to '{model.model}'",
                )
            if name in moving:
                yield Problem(
                    f"$.models[{place}]", f"the name '{name}' belongs to '{model.model}' and is a moving alias"
                )


def _aliases(sheet: ProviderSheet) -> Iterator[Problem]:
    known = {model.model for model in sheet.models}
    for place, alias in enumerate(sheet.aliases):
        path = f"$.aliases[{place}].meant"
        for step, meaning in enumerate(alias.meant):
            if meaning.model not in known:
                what = f"'{alias.name}' points to an unknown model '{meaning.model}'"
                yield Problem(f"{path}[{step}].model", what, nearest(meaning.model, known))
            if step and (
                meaning.from_ is None or ((before := alias.meant[step - 1].from_) and before >= meaning.from_)
            ):
                yield Problem(f"{path}[{step}]", f"the meanings of '{alias.name}' are not in order of time")


def _model(model: ModelSheet, path: str) -> Iterator[Problem]:
    for place, pattern in enumerate(model.match):
        try:
            re.compile(pattern)
        except re.error as problem:
            yield Problem(f"{path}.match[{place}]", f"'{pattern}' is not a regular expression: {problem}")
    for unit in (*model.minimums, *(model.free.units if model.free else ())):
        if unit not in PER:
            yield Problem(f"{path}", f"unknown unit '{unit}'", nearest(unit, PER))
    starts = [start_of(price) for price in model.prices]
    for place, price in enumerate(model.prices):
        yield from _price(model, price, f"{path}.prices[{place}]")
        if place and starts[place] <= starts[place - 1]:
            what = f"the prices of '{model.model}' are not in order of time, or two hold from one moment"
            yield Problem(f"{path}.prices[{place}]", what, "every price but the first needs a later `from`")


def _price(model: ModelSheet, price: Price, path: str) -> Iterator[Problem]:
    if not (price.rates or price.tiers or price.windows):
        yield Problem(f"{path}.rates", f"'{model.model}' has a price without any rate")
    yield from _rates(price.rates, f"{path}.rates")
    yield from _levels(model, price.above, f"{path}.above")
    for tier, special in price.tiers.items():
        if tier not in TIERS[1:]:
            yield Problem(f"{path}.tiers.{tier}", f"unknown tier '{tier}'", nearest(tier, TIERS[1:]))
        yield from _rates(special.rates, f"{path}.tiers.{tier}.rates")
        yield from _levels(model, special.above, f"{path}.tiers.{tier}.above")
    yield from _windows(model, price.windows, f"{path}.windows")
    for region, factor in price.regions.items():
        if factor <= 0:
            yield Problem(f"{path}.regions.{region}", f"a multiplier of {factor} for region '{region}'")


def _windows(model: ModelSheet, windows: list[Window], path: str) -> Iterator[Problem]:
    held = None
    for place, window in enumerate(windows):
        yield from _rates(window.rates, f"{path}[{place}].rates")
        yield from _levels(model, window.above, f"{path}[{place}].above")
        if offset_minutes(window.zone) is None:
            what = f"the time zone '{window.zone}' is unknown, or changes with the season"
            yield Problem(f"{path}[{place}].zone", what, "a zone such as UTC or Asia/Shanghai")
            continue
        minutes = minutes_of(window)
        if held is not None and (held & minutes).any():
            yield Problem(f"{path}[{place}]", f"two windows of '{model.model}' hold at one time")
        held = minutes if held is None else held | minutes


def _levels(model: ModelSheet, levels: Iterable[Level], path: str) -> Iterator[Problem]:
    before = 0
    for place, level in enumerate(levels):
        yield from _rates(level.rates, f"{path}[{place}].rates")
        if level.tokens <= before:
            yield Problem(f"{path}[{place}].tokens", f"the levels of '{model.model}' do not ascend")
        if model.context_window and level.tokens > model.context_window:
            what = f"a level above {level.tokens} tokens, in a context window of {model.context_window}"
            yield Problem(f"{path}[{place}].tokens", what)
        before = level.tokens


def _rates(rates: Rates, path: str) -> Iterator[Problem]:
    for unit, usd in rates.items():
        if unit not in PER:
            yield Problem(f"{path}.{unit}", f"unknown unit '{unit}'", nearest(unit, PER))
        else:
            yield from _rate(unit, usd, f"{path}.{unit}")


def highest(unit: str) -> int:
    """Return the highest rate of a unit, in 10^-12 USD, with which the cost of no call leaves an int64."""
    return HIGHEST_TOKEN_RATE if unit in TOKEN_UNITS else HIGHEST_SEARCH_RATE if unit in _SEARCHES else HIGHEST_RATE


def _rate(unit: str, usd: Decimal, path: str) -> Iterator[Problem]:
    if not usd.is_finite() or usd < 0:
        yield Problem(path, f"a price of {usd} for {unit}", "a price is zero or more")
        return
    rate = whole(unit, usd)
    if rate != int(rate):
        what = f"{usd} for {unit} is not a whole number of 10^-12 USD"
        yield Problem(path, what, "a price per million tokens has at most 6 decimal places")
    if rate > highest(unit):
        yield Problem(path, f"{usd} for {unit} is absurdly high", "prices are per million tokens")
