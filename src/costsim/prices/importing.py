"""Another project's price list into our own files: append-only, so that no price that was once true is lost.

A model that a file lacks is added; one whose price of today differs gets a new price from the day of the import;
nothing is ever changed or removed. What would not pass `lint` is left out, and said.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import msgspec

from costsim.errors import UsageError, nearest
from costsim.prices.checks import problems
from costsim.prices.files import Source
from costsim.prices.foreign import genai, litellm, models_dev, openrouter
from costsim.prices.layers import read
from costsim.prices.lookup import Book
from costsim.prices.sheet import ModelSheet, Price, ProviderSheet
from costsim.prices.spelling import loose, plain
from costsim.prices.writing import to_yaml

LISTS = ("litellm", "genai-prices", "models.dev", "openrouter")


def import_list(source: str, content: bytes, folder: Path, book: Book, day: date) -> list[str]:
    """Take a list into the YAML files of `folder`, and return what changed, one line per model.

    `source` is one of LISTS; `book` knows what our providers are called elsewhere.
    """
    by_provider: dict[str, dict[str, ModelSheet]] = {}
    for theirs, sheet in _entries(source, content):
        provider = book.provider_of(theirs) or loose(theirs).replace("-", "_")
        own = _unprefixed(book, provider, sheet)
        by_provider.setdefault(provider, {}).setdefault(plain(own.model), own)
    lines: list[str] = []
    for provider, models in sorted(by_provider.items()):
        lines += _take_in(folder / f"{provider}.yaml", provider, models.values(), source, day)
    return lines


def _entries(source: str, content: bytes) -> Iterator[tuple[str, ModelSheet]]:
    if source == "litellm":
        return ((provider, sheet) for provider, _, sheet in litellm.read(content) if provider and sheet.prices)
    if source == "genai-prices":
        found = ((one.provider, one.sheet) for one in genai.read(content))
        return ((provider, sheet) for provider, sheet in found if all(price.rates for price in sheet.prices))
    if source == "models.dev":
        return models_dev.read(content)
    if source == "openrouter":
        return openrouter.read(content)
    raise UsageError(f"there is no price list called '{source}'", where="--from", hint=nearest(source, LISTS))


def _unprefixed(book: Book, provider: str, sheet: ModelSheet) -> ModelSheet:
    head, slash, rest = sheet.model.partition("/")
    own = bool(slash) and provider in (book.provider_of(head), head)
    return msgspec.structs.replace(sheet, model=rest) if own else sheet


def _take_in(path: Path, provider: str, models: Iterable[ModelSheet], source: str, day: date) -> list[str]:
    before = read(Source(path, path.read_bytes(), True)) if path.exists() else ProviderSheet(provider=provider)
    known = {plain(name): model.model for model in before.models for name in (model.model, *model.names)}
    kept = {model.model: model for model in before.models}
    lines: list[str] = []
    for model in models:
        mine = known.get(plain(model.model))
        after = _appended(kept[mine], _valid(model, day), day) if mine else _dated(model, day)
        if mine and after is kept[mine]:
            continue
        if wrong := next(problems(ProviderSheet(provider=provider, models=[after])), None):
            lines.append(f"! {provider}/{model.model} is left out: {wrong.what}")
            continue
        lines.append(f"{'~' if mine else '+'} {provider}/{model.model}")
        known.setdefault(plain(model.model), after.model)
        kept[after.model] = after
    if lines:
        sheet = msgspec.structs.replace(before, checked=day, models=list(kept.values()))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_yaml(sheet, f"Last imported from {source} on {day}."), encoding="utf-8")
    return lines


def _dated(model: ModelSheet, day: date) -> ModelSheet:
    """A new model; names that another model of the list owns, too, are left to that one."""
    prices = [msgspec.structs.replace(price, checked=day) for price in model.prices]
    return msgspec.structs.replace(model, names=[], match=[], prices=prices)


def _appended(model: ModelSheet, price: Price, day: date) -> ModelSheet:
    """The model with a new price at its end, or itself where today's is the same or newer than the list."""
    last = model.prices[-1]
    if _charges(last) == _charges(price) or (last.from_ is not None and last.from_ >= day):
        return model
    new = msgspec.structs.replace(price, from_=day, checked=day)
    return msgspec.structs.replace(model, prices=[*model.prices, new])


def _valid(model: ModelSheet, day: date) -> Price:
    """The price of a day, or the first of all."""
    return next((one for one in reversed(model.prices) if one.from_ is None or one.from_ <= day), model.prices[0])


def _charges(price: Price) -> Price:
    """A price without what costs nothing: its start, its source and words about it."""
    return msgspec.structs.replace(price, from_=None, hour=None, source="", checked=None, note="")
