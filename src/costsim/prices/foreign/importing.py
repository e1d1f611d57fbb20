"""Another project's price list into our own files: append-only, so that no price that was once true is lost.

A model that a file lacks is added; one whose price of today differs gets a new price from the day of the import, in
which all that the list does not state is as before; nothing is ever changed or removed. What would not pass `lint`,
what is a moving alias here, a second price for one model on one day, a zero that may mean 'not known' and what was
settled against the list are left out, and said.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from costsim.errors import UsageError, nearest
from costsim.prices.compiling.names import NameIndex
from costsim.prices.foreign import genai, litellm, models_dev, openrouter
from costsim.prices.foreign.doubtful import settled, without_free_writes, zero_in_doubt
from costsim.prices.foreign.stated import differing, same_charges, stated_over
from costsim.prices.lookup import UNKNOWN, Book, Shelf
from costsim.prices.sheets.checks import problems
from costsim.prices.sheets.files import Source
from costsim.prices.sheets.layers import read
from costsim.prices.sheets.sheet import ModelSheet, Price, ProviderSheet
from costsim.prices.sheets.writing import to_yaml
from costsim.prices.spelling import loose, plain

LISTS = ("litellm", "genai-prices", "models.dev", "openrouter")

Named = tuple[str, ModelSheet]
"""What the list calls a model, and the model under our name for it."""


def import_list(source: str, content: bytes, folder: Path, book: Book, day: date) -> list[str]:
    """Take a list into the YAML files of `folder`, and return what changed, one line per model.

    `source` is one of LISTS; `book` knows what our providers are called elsewhere.
    """
    by_provider: dict[str, list[Named]] = {}
    for provider, named in _of_ours(source, content, book):
        by_provider.setdefault(provider, []).append(named)
    lines: list[str] = []
    for provider, models in sorted(by_provider.items()):
        lines += _take_in(folder / f"{provider}.yaml", provider, models, source, day)
    return lines


def stated_by(source: str, content: bytes, book: Book, day: date) -> Iterator[tuple[str, Price]]:
    """Yield (provider/model in small letters, the price that holds on a day) of every entry of a list."""
    for provider, (_, sheet) in _of_ours(source, content, book):
        yield f"{provider}/{plain(sheet.model)}", _valid(_believable(sheet), day)


def _of_ours(source: str, content: bytes, book: Book) -> Iterator[tuple[str, Named]]:
    """Every entry of a list with the provider that it belongs to here."""
    for theirs, sheet in _entries(source, content):
        provider = book.provider_of(theirs) or loose(theirs).replace("-", "_")
        yield provider, (sheet.model, _unprefixed(book, provider, sheet))


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


def _take_in(path: Path, provider: str, models: list[Named], source: str, day: date) -> list[str]:
    before = read(Source(path, path.read_bytes(), True)) if path.exists() else ProviderSheet(provider=provider)
    intake = _Intake(before, day, source)
    # a model's own name says more about it than its other names, where a list has two prices for it
    lines = [line for named in sorted(models, key=intake.by_another_name) for line in intake.take(*named)]
    if any(line[0] != "!" for line in lines):
        sheet = msgspec.structs.replace(before, checked=day, models=list(intake.models.values()))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_yaml(sheet, f"Last imported from {source} on {day}."), encoding="utf-8")
    return lines


class _Intake(msgspec.Struct):
    """One provider's models, while a list is taken in."""

    before: ProviderSheet
    day: date
    source: str
    models: dict[str, ModelSheet] = msgspec.field(default_factory=dict)
    _names: NameIndex = msgspec.field(default_factory=NameIndex)
    _owners: list[str] = msgspec.field(default_factory=list)
    """What each index of the names is the name of."""
    _first: dict[str, str] = msgspec.field(default_factory=dict)
    """Which name of the list gave, or confirmed, the price of a model."""

    def __post_init__(self) -> None:
        self._names.add_provider(self.before)
        for model in self.before.models:
            self._keep(model)
        for alias in self.before.aliases:
            self._names.add_alias(self.before.provider, alias, [], len(self._owners))
            self._owners.append(alias.name)

    def by_another_name(self, named: Named) -> bool:
        """Whether the list calls a model otherwise than our file does."""
        owner, _ = self._known(named[1])
        return bool(owner) and plain(owner) != plain(named[1].model)

    def take(self, theirs: str, model: ModelSheet) -> Iterator[str]:
        """Take a model in; a line of what became of it, none where nothing changed."""
        key = f"{self.before.provider}/{model.model}"
        owner, in_family = self._known(model)
        if owner and owner not in self.models:
            yield f"! {key} is left out: a moving alias here"
            return
        model = _believable(model)
        mine = self.models[owner] if owner else None
        if why := self._in_doubt(mine, model):
            yield f"! {key} is left out: {why}"
            return
        after = self._priced(mine, model) if mine else _dated(model, self.day)
        if mine and after is mine:
            self._first.setdefault(owner, theirs)
            return
        if mine and in_family:
            after = self._apart(mine, model)
            mine = None
        if why := self._reason_against(mine, after, model, theirs):
            yield f"! {key} is left out: {why}"
            return
        yield f"{'~' if mine else '+'} {key}"
        self._keep(after)
        self._first[after.model] = theirs

    def _in_doubt(self, mine: ModelSheet | None, model: ModelSheet) -> str:
        """Why what the list states about a model is not to be believed; '' where it is."""
        now = _valid(mine, self.day) if mine else None
        return zero_in_doubt(now, _valid(model, self.day), plain(model.model), self.before)

    def _reason_against(self, mine: ModelSheet | None, after: ModelSheet, model: ModelSheet, theirs: str) -> str:
        """Why a new model, or the new price of one that is known, is not taken; '' where it is."""
        if why := _wrong(after, mine):
            return why
        key = f"{self.before.provider}/{plain(model.model)}"
        return settled(self.source, key, _valid(model, self.day)) or (self._second(mine, after, theirs) if mine else "")

    def _known(self, model: ModelSheet) -> tuple[str, bool]:
        """What a model is called here, '' for nothing, and whether only as one of a family with a pattern."""
        found = _known_as(self._shelf, plain(model.model))
        return (self._owners[found[0]], found[1]) if found else ("", False)

    def _priced(self, model: ModelSheet, theirs: ModelSheet) -> ModelSheet:
        """The model with a new price at its end, or itself where today's charges the same."""
        now, stated = _valid(model, self.day), _valid(theirs, self.day)
        price = stated_over(now, stated)
        if price == now or (not next(problems(_alone(model, price)), None) and same_charges(now, price)):
            return model
        words = {"source": stated.source, "note": stated.note}
        new = msgspec.structs.replace(price, from_=self.day, hour=None, checked=self.day, **words)
        return msgspec.structs.replace(model, prices=[*model.prices, new])

    def _apart(self, family: ModelSheet, model: ModelSheet) -> ModelSheet:
        """A model that was priced as one of a family until today, and has a price of its own from now on."""
        past = [price for price in family.prices if price.from_ is None or price.from_ < self.day]
        if not past:
            return _dated(model, self.day)
        return self._priced(msgspec.structs.replace(family, model=model.model, names=[], match=[], prices=past), model)

    def _second(self, mine: ModelSheet, after: ModelSheet, theirs: str) -> str:
        """Why a model that has a price of this day already gets no other; '' where it has none."""
        last, first = mine.prices[-1].from_, self._first.get(mine.model)
        if last and last > self.day:
            return f"a price from {last} on stands here already"
        if not first and last != self.day:
            return ""
        kept, left = differing(_valid(mine, self.day), after.prices[-1])
        keeper = first or f"that of {self.day} here"
        return f"two prices for one model on one day: kept {keeper} ({kept}), left out {theirs} ({left})"

    @property
    def _shelf(self) -> Shelf:
        return self._names.book.shelves[self.before.provider]

    def _keep(self, model: ModelSheet) -> None:
        if model.model not in self.models:
            self._names.add_model(self.before.provider, model, None, len(self._owners))
            self._owners.append(model.model)
        self.models[model.model] = model


def _known_as(shelf: Shelf, name: str) -> tuple[int, bool] | None:
    """The index of what a plain name already means here, and whether only as one of a family with a pattern.

    Its spelling may differ as it may in a log: a second model of one spelling would make that spelling mean neither.
    """
    for key, names in ((name, shelf.exact), (loose(name), shelf.loose)):
        if (index := names.get(key, UNKNOWN)) >= 0:
            return index, False
    return next(((index, True) for pattern, index in shelf.match if re.fullmatch(pattern, name)), None)


def _wrong(after: ModelSheet, mine: ModelSheet | None) -> str:
    """What `lint` would say about a new model, or about the new price of one that is known; '' for nothing."""
    found = next(problems(_alone(after, after.prices[-1]) if mine else _alone(after)), None)
    return found.what if found else ""


def _alone(model: ModelSheet, *prices: Price) -> ProviderSheet:
    return ProviderSheet(provider="", models=[msgspec.structs.replace(model, prices=list(prices) or model.prices)])


def _believable(model: ModelSheet) -> ModelSheet:
    return msgspec.structs.replace(model, prices=[without_free_writes(price) for price in model.prices])


def _dated(model: ModelSheet, day: date) -> ModelSheet:
    """A new model; names that another model of the list owns, too, are left to that one."""
    prices = [msgspec.structs.replace(price, checked=day) for price in model.prices]
    return msgspec.structs.replace(model, names=[], match=[], prices=prices)


def _valid(model: ModelSheet, day: date) -> Price:
    """The price of a day, or the first of all."""
    return next((one for one in reversed(model.prices) if one.from_ is None or one.from_ <= day), model.prices[0])
