"""Building the book of names while the table is compiled."""

import msgspec

from costsim.prices.lookup import Book, Shelf
from costsim.prices.sheets.sheet import Alias, ModelSheet, ProviderSheet
from costsim.prices.spelling import GATEWAYS, loose, plain, stem

_AMBIGUOUS = -2


class NameIndex(msgspec.Struct):
    """The book, while it is written."""

    book: Book = msgspec.field(default_factory=lambda: Book(providers=dict.fromkeys(GATEWAYS, "")))

    def add_provider(self, sheet: ProviderSheet) -> None:
        """Open a provider's shelf under all its names."""
        for word in (sheet.provider, sheet.name, *sheet.also):
            if word:
                self.book.providers.setdefault(plain(word), sheet.provider)
        self.book.providers[plain(sheet.provider)] = sheet.provider
        self.book.shelves[sheet.provider] = Shelf(
            title=sheet.name or sheet.provider,
            then=list(sheet.then),
            makes=[glob.lower() for glob in sheet.makes],
            hint=sheet.hint,
        )

    def add_model(self, provider: str, model: ModelSheet, region: str | None, index: int) -> None:
        """Put every spelling of a model on its provider's shelf."""
        self.book.keys.append(f"{provider}/{model.model}" + (f" ({region})" if region else ""))
        shelf = self.book.shelves[provider]
        prefix = f"{region}/" if region else ""
        for name in (model.model, *model.names):
            _shelve(shelf, prefix + plain(name), index)
        if region is None:
            shelf.match += [(pattern, index) for pattern in model.match]

    def add_alias(self, provider: str, alias: Alias, meanings: list[tuple[int, str]], index: int) -> None:
        """Put a moving alias on its provider's shelf."""
        self.book.keys.append(f"{provider}/{alias.name}")
        self.book.meanings[index] = meanings
        _shelve(self.book.shelves[provider], plain(alias.name), index)


def _shelve(shelf: Shelf, name: str, index: int) -> None:
    shelf.exact.setdefault(name, index)
    _spell(shelf.loose, loose(name), index)
    if stem(name) != loose(name):
        _spell(shelf.stems, stem(name), index)


def _spell(names: dict[str, int], spelling: str, index: int) -> None:
    """A spelling of two models is a spelling of neither."""
    if names.setdefault(spelling, index) != index:
        names[spelling] = _AMBIGUOUS
