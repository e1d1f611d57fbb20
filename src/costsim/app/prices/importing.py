"""Another project's price list into a folder of ours, whole or not at all, with every entry accounted for."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import InvalidOperation
from pathlib import Path

import msgspec

from costsim import prices
from costsim.app.prices.difference import changes
from costsim.errors import ConfigError, UsageError, nearest
from costsim.prices import PriceTable
from costsim.prices.compiling.assemble import assemble
from costsim.prices.foreign import genai, litellm, models_dev, openrouter
from costsim.prices.foreign.importing import LISTS, import_list
from costsim.prices.lookup import Book
from costsim.prices.sheets.files import SHIPPED, Source
from costsim.prices.spelling import loose, plain
from costsim.reports.prices.changes import ModelChange, Taken

_NO_LIST = (ValueError, KeyError, TypeError, AttributeError, IndexError, InvalidOperation)
"""What reading something else than the list that was named ends in."""


def taken_in(source: str, file: Path, out: Path | None, day: date | None = None) -> Taken:
    """Add what is new in a list to the YAML files of a folder, or, without one, only say what would be.

    A provider that the folder has no file for begins with the shipped file, so that its history is kept.
    """
    if source not in LISTS:
        raise UsageError(f"there is no price list called '{source}'", where="--from", hint=nearest(source, LISTS))
    if out is not None and out.exists() and not out.is_dir():
        raise UsageError("is no folder", where=f"--out {out}")
    content = _content(file)
    book = prices.load().book
    with tempfile.TemporaryDirectory(prefix="costsim-") as spool:
        before, after = Path(spool, "before"), Path(spool, "after")
        _begin(before, out)
        shutil.copytree(before, after)
        try:
            lines = import_list(source, content, after, book, day or datetime.now(UTC).date())
            listed = dict(_listed(source, content, book))
        except ConfigError as problem:
            where = problem.where.replace(str(after), str(out or SHIPPED))
            raise ConfigError(problem.what, where=where, hint=problem.hint) from problem
        except _NO_LIST as problem:
            raise _no_list(source, file) from problem
        if not listed:
            raise _no_list(source, file)
        written = [path.name for path in sorted(after.iterdir()) if _differs(path, before / path.name)]
        taken = _accounted(source, out, lines, listed, _Changed(before, after, written))
        if out is not None:
            _put(after, out, written)
            taken = msgspec.structs.replace(taken, files=len(written))
    return taken


def _no_list(source: str, file: Path) -> ConfigError:
    return ConfigError(f"is no price list of {source}", where=str(file), hint=f"--from is one of {', '.join(LISTS)}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise UsageError(f"cannot be read: {problem.strerror}", where=str(file)) from problem


def _begin(folder: Path, out: Path | None) -> None:
    """Lay out the files to add to: the shipped ones, and over them those of the user's folder."""
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    if out is not None and out.is_dir():
        for path in out.glob("*.yaml"):
            shutil.copy(path, folder)


def _differs(path: Path, before: Path) -> bool:
    return not before.exists() or path.read_bytes() != before.read_bytes()


class _Changed:
    """What the rewritten files say anew, by the names that the list has for models."""

    def __init__(self, before: Path, after: Path, names: list[str]) -> None:
        old, new = (_assembled(folder, names) for folder in (before, after))
        self._book = new.book
        self._by_key = {change.model: change for change in changes(old, new)}

    def of(self, name: str) -> ModelChange:
        """Return what is new about the model that the list calls so."""
        provider, _, model = name.partition("/")
        found = self._book.shelves[provider].find(plain(model))
        key = self._book.keys[found[0]] if found else name
        return self._by_key.get(key) or ModelChange(model=name, change="changed")


def _assembled(folder: Path, names: list[str]) -> PriceTable:
    paths = [folder / name for name in names if (folder / name).exists()]
    return assemble([Source(path, path.read_bytes(), True) for path in paths], "")


def _accounted(source: str, out: Path | None, lines: list[str], listed: dict[str, bool], changed: _Changed) -> Taken:
    """Every entry of the list under what became of it."""
    by_mark: dict[str, list[str]] = {"+": [], "~": [], "!": []}
    for line in lines:
        mark, _, name = line.partition(" ")
        by_mark[mark].append(name)
    left_out = [name.replace(" is left out", "", 1) for name in by_mark["!"]]
    told = {name.lower() for name in (*by_mark["+"], *by_mark["~"])} | {
        name.partition(": ")[0].lower() for name in left_out
    }
    silent = {name: understood for name, understood in listed.items() if name.lower() not in told}
    return Taken(
        source=source,
        out=str(out) if out is not None else None,
        files=0,
        added=by_mark["+"],
        changed=[changed.of(name) for name in by_mark["~"]],
        unchanged=sorted(name for name, understood in silent.items() if understood),
        left_out=left_out,
        not_understood=sorted(name for name, understood in silent.items() if not understood),
    )


def _listed(source: str, content: bytes, book: Book) -> Iterator[tuple[str, bool]]:
    """Every entry of the list as provider/model, and whether it states a price that is known here."""
    for theirs, name, understood in sorted(_entries(source, content), key=lambda entry: entry[2]):
        provider = book.provider_of(theirs) or loose(theirs).replace("-", "_")
        head, slash, rest = name.partition("/")
        own = bool(slash) and provider in (book.provider_of(head), head)
        yield f"{provider}/{plain(rest if own else name)}", understood


def _entries(source: str, content: bytes) -> Iterator[tuple[str, str, bool]]:
    """(their provider, their model, whether it has a price) of everything in the list."""
    if source == "litellm":
        for provider, name, sheet in litellm.read(content):
            yield provider, name, bool(provider and sheet.prices)
    elif source == "genai-prices":
        for one in genai.read(content):
            yield one.provider, one.sheet.model, all(price.rates for price in one.sheet.prices)
    elif source == "models.dev":
        known = {(provider, sheet.model) for provider, sheet in models_dev.read(content)}
        for provider, entry in msgspec.json.decode(content).items():
            yield from ((provider, name, (provider, name) in known) for name in entry.get("models", {}))
    else:
        priced = {sheet.model for _, sheet in openrouter.read(content)}
        yield from (("openrouter", one["id"], one["id"] in priced) for one in msgspec.json.decode(content)["data"])


def _put(after: Path, out: Path, names: list[str]) -> None:
    """Put the rewritten files into the folder: all are beside their places before the first takes its own."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        parts = [(out / f".{name}.part", out / name) for name in names]
        try:
            for (part, _), name in zip(parts, names, strict=True):
                shutil.copyfile(after / name, part)
            for part, final in parts:
                part.replace(final)
        finally:
            for part, _ in parts:
                part.unlink(missing_ok=True)
    except OSError as problem:
        raise UsageError(f"cannot be written: {problem.strerror or problem}", where=f"--out {out}") from problem
