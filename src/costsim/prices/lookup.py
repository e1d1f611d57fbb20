"""From a log's words to one model of the table, or 'unknown' with the nearest names; no guess (rule 18)."""

import fnmatch
import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

import msgspec

from costsim.prices.facts import Resolution
from costsim.prices.spelling import (
    SAME_PRICE_GEOGRAPHIES,
    loose,
    own_name,
    plain,
    trunk,
    unwrapped,
    without_geography,
    words_of_region,
)

UNKNOWN = -1
_A_WORD, _SLIP = 3, 0.75
"""Letters that are a word of their own in a longer one (`chatgpt`); the likeness of words of which one is a slip."""
_NO_LETTER = re.compile("[^a-z]")
_PLAIN_START = re.compile(r"[^*?[]*")
_own_name = cache(own_name)  # of the known spellings: every name that nobody knows is compared with all of them
_CANDIDATES = 12
"""How many similar names are looked at for those with the longest common beginning."""

Found = tuple[int, str]
"""A model's index and how its name was read."""


class Shelf(msgspec.Struct):
    """One provider's names; every spelling leads to a model index."""

    title: str
    exact: dict[str, int] = {}
    loose: dict[str, int] = {}
    stems: dict[str, int] = {}
    """Names without the vendor before them or the version behind, of those that have one."""
    match: list[tuple[str, int]] = []
    then: list[str] = []
    makes: list[str] = []
    hint: str = ""

    def find(self, name: str) -> Found | None:
        """Return the model of a plain name, in the spellings that this provider is known to use."""
        for key, names, how in (
            (name, self.exact, "exactly"),
            (loose(name), self.loose, "but for dots, dashes and case"),
            (trunk(name), self.stems, "without a vendor's prefix or a version's suffix"),
        ):
            if (index := names.get(key, UNKNOWN)) >= 0:
                return index, how
        for pattern, index in self.match:
            if re.fullmatch(pattern, name):
                return index, "by a pattern of the price file"
        return None


class Book(msgspec.Struct):
    """Every name that the table knows."""

    providers: dict[str, str] = {}
    """A provider's name in logs, spelled plainly -> its id; '' for gateways that pass calls on."""
    shelves: dict[str, Shelf] = {}
    keys: list[str] = []
    """What each model index is called: provider/model."""
    meanings: dict[int, list[tuple[int, str]]] = {}
    """A moving alias's index -> (UTC microsecond from which, model)."""
    aliases: dict[str, int] = {}
    """The user's own names."""

    def provider_of(self, word: str | None) -> str | None:
        """Return the id of the provider that a log calls `word`; '' for a gateway, None if unknown."""
        return self.providers.get(plain(word or ""))


def resolve(book: Book, provider: str | None, model: str | None, at: int | None, region: str | None) -> Resolution:
    """Return which model a log's words mean, and why; or unknown, with the nearest names."""
    name = plain(model or "")
    if not name:
        return Resolution(UNKNOWN, "the log names no model")
    if found := find(book, provider, model, region):
        index, why = found
        return Resolution(index, f"'{model}' is {book.keys[index]}, {why}{_meaning(book, index, at)}")
    return Resolution(UNKNOWN, *_unknown(book, provider, name))


def find(book: Book, provider: str | None, model: str | None, region: str | None) -> Found | None:
    """Return the index that a log's words mean and how they were read, or None."""
    name = plain(model or "")
    if not name:
        return None
    home = book.provider_of(provider)
    for key in (f"{plain(provider or '')}/{name}", f"{home}/{name}", name):
        if key in book.aliases:
            return book.aliases[key], "by an alias of the user's"
    if not plain(provider or "") or home == "":
        return _without_provider(book, name, region)
    return _sold_by(book, home, name, region) if home else None


def _sold_by(book: Book, provider: str, name: str, region: str | None) -> Found | None:
    """Look a name up on the shelf of the provider that the log names, then where that provider also sells."""
    for place in (provider, *book.shelves[provider].then):
        if found := _on_shelf(book, place, name, region):
            index, how = found
            return index, how if place == provider else f"{how}; {provider} calls this one {place} too"
    return None


def _on_shelf(book: Book, provider: str, name: str, region: str | None) -> Found | None:
    shelf = book.shelves[provider]
    for form, reading in _forms(book, provider, name):
        for place in words_of_region(region):
            if found := shelf.find(f"{place}/{form}"):
                return found[0], f"in region {region}, {reading}, {found[1]}"
        if found := shelf.find(form):
            return found[0], f"{reading}, {found[1]}"
    return None


def _forms(book: Book, provider: str, name: str) -> Iterator[tuple[str, str]]:
    """The name as it stands, then freed of its wrapping, of the provider's own prefix and of a geography."""
    seen: set[str] = set()
    for outer, how in unwrapped(name):
        for form in _without_prefixes(book, provider, outer):
            geography, rest = without_geography(form)
            inner = [(form, how)]
            if geography:
                inner.append((f"{geography}/{rest}", f"{how}, in {geography}"))
            if geography in SAME_PRICE_GEOGRAPHIES:
                inner.append((rest, f"{how}, at the price of its region"))
            for candidate in inner:
                if candidate[0] not in seen:
                    seen.add(candidate[0])
                    yield candidate


def _without_prefixes(book: Book, provider: str, name: str) -> Iterator[str]:
    yield name
    head, slash, rest = name.partition("/")
    while slash and (book.providers.get(head) in ("", provider) or head in ("converse", "invoke")):
        yield rest
        head, slash, rest = rest.partition("/")


def _without_provider(book: Book, name: str, region: str | None) -> Found | None:
    """A name alone: its own prefix, else its maker's API, else the only provider that sells it."""
    head, slash, rest = name.partition("/")
    if slash and (named := book.providers.get(head)) is not None:
        found = _without_provider(book, rest, region) if named == "" else _sold_by(book, named, name, region)
        if found:
            return found
    for provider, shelf in book.shelves.items():
        if any(_fits(name, glob) for glob in shelf.makes) and (found := _on_shelf(book, provider, name, region)):
            return found[0], f"{found[1]}; no provider is named, so its maker's own ({shelf.title})"
    sellers = _with_this_name(book, name) or _sellers(book, name, region)
    if len(sellers) == 1:
        return sellers[0][0], f"{sellers[0][1]}; no provider is named, and only this one has it"
    return None


def _fits(name: str, glob: str) -> bool:
    """Whether a glob holds for a name; it is compiled only for names that begin as it does."""
    start = _PLAIN_START.match(glob)
    return start is not None and name.startswith(start[0]) and fnmatch.fnmatchcase(name, glob)


def _with_this_name(book: Book, name: str) -> list[Found]:
    """The models that some provider calls exactly this."""
    found = (shelf.exact.get(name, UNKNOWN) for shelf in book.shelves.values())
    return [(index, "by its name, exactly") for index in found if index >= 0]


def _sellers(book: Book, name: str, region: str | None) -> list[Found]:
    found = (_on_shelf(book, provider, name, region) for provider in book.shelves)
    return [one for one in found if one]


def _meaning(book: Book, index: int, at: int | None) -> str:
    meanings = book.meanings.get(index)
    if not meanings:
        return ""
    current = [model for start, model in meanings if at is None or start <= at] or [meanings[0][1]]
    return f"; a moving alias, then of {current[-1]}"


def _unknown(book: Book, provider: str | None, name: str) -> tuple[str, tuple[str, ...]]:
    home = book.provider_of(provider)
    if plain(provider or "") and home is None:
        near = get_close_matches(plain(provider or ""), list(book.providers), n=1)
        hint = f", did you mean '{near[0]}'?" if near else ""
        return f"there is no price file for the provider '{provider}'{hint}", _nearest(book, None, name)
    head, slash, _ = name.partition("/")
    home = home or (book.provider_of(head) if slash else None)
    sellers = _sellers(book, name, None)
    if sellers:
        names = tuple(book.keys[index] for index, _ in sellers[:5])
        missing = f"{home} has no price for it" if home else "the log does not say which provider served it"
        return (
            f"'{name}' is sold by several: {missing}" if not home else f"'{name}': {missing}; others do",
            names,
        )
    hint = f"; {book.shelves[home].hint}" if home and book.shelves[home].hint else ""
    return f"no price file has a model '{name}'{hint}", _nearest(book, home, name)


def _nearest(book: Book, provider: str | None, name: str) -> tuple[str, ...]:
    """The known names of one family that look most like `name`, those first that begin like it.

    A hint for a person, never a price; and none where no family is near: what looks alike by chance misleads.
    """
    keys: dict[str, int] = {}
    makers = sorted(book.shelves.values(), key=lambda each: not each.makes)
    for shelf in [book.shelves[provider]] if provider else makers:
        for spelling in sorted(shelf.exact, key=lambda each: "/" in each):  # those of a region behind the usual price
            keys.setdefault(_own_name(spelling), shelf.exact[spelling])
    own = own_name(name)
    known: dict[str, list[str]] = {}
    for each, index in keys.items():
        if index >= 0:
            known.setdefault(_first_word(each), []).append(each)
    kin = [each for word, names in known.items() if _of_one_family(word, _first_word(own)) for each in names]
    longer = sorted((each for each in kin if each.startswith(f"{own}-")), key=len)
    close = get_close_matches(own, kin, n=_CANDIDATES, cutoff=0.6)
    shorter = [own[:place] for place, sign in enumerate(own) if sign == "-" and own[:place] in keys]
    ranked = sorted(dict.fromkeys([*longer, *close, *shorter]), key=lambda word: -_shared(word, own))
    return tuple(dict.fromkeys(book.keys[keys[word]] for word in ranked if keys[word] >= 0))[:3]


def _first_word(name: str) -> str:
    return _NO_LETTER.split(name, maxsplit=1)[0]


def _of_one_family(first: str, second: str) -> bool:
    """Whether names begin with the same word, but for a slip of the pen: `opt` is no `gpt`, `gtp` is."""
    if first == second or not (first and second):
        return first == second
    same_letters = sorted(first) == sorted(second)
    longer, shorter = sorted((first, second), key=len, reverse=True)
    ends_so = len(shorter) >= _A_WORD and longer.endswith(shorter)
    return same_letters or ends_so or bool(get_close_matches(first, [second], cutoff=_SLIP))


def _shared(one: str, other: str) -> int:
    """How long the beginning is that two names share."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
