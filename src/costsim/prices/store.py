"""Loading the table: compiled once, kept in the user's cache folder, checked by a hash of all its files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash
from msgspec.structs import replace

from costsim.prices.fact_columns import FactColumns
from costsim.prices.facts import Commitment, Quota
from costsim.prices.lookup import Book
from costsim.prices.sheets.files import fingerprint, named, sources
from costsim.prices.table import Arrays, PriceTable

_HERE = Path(__file__).parent
MADE_BY = (_HERE, _HERE / "sheets", _HERE / "compiling")
"""Where the modules stand that make a table and look into it."""
_KEPT = 8
"""How many tables stay in the cache folder: one for each set of a user's own files, and for each version."""
_ALIGN = 64
_NUMBERS = Arrays.__struct_fields__
_FACTS = tuple(name for name in FactColumns.__struct_fields__ if name != "tokenizers")


class Head(msgspec.Struct):
    """Everything of a compiled table but its numbers, and where in the file those stand."""

    hash: str
    book: Book
    models: tuple[bytes, ...]
    small_models: dict[str, dict[str, int]]
    minimums: dict[str, dict[int, int]]
    newest: str
    newest_at: int
    sources: tuple[str, ...]
    commitments: tuple[Commitment, ...]
    quotas: tuple[Quota, ...]
    tokenizers: tuple[str, ...]
    arrays: dict[str, tuple[int, str, tuple[int, ...]]]
    """Name -> (byte offset after the head, dtype, shape); of `Arrays` and of `FactColumns`."""


def load(extra: Sequence[Path] = ()) -> PriceTable:
    """Return the shipped prices with the user's files and folders over them; later wins.

    A ConfigError names file and line of the first thing wrong.
    """
    found = sources(extra)
    hashed = fingerprint(found)
    kept = _cache_folder() / f"prices-{hashed}-{_code()}.bin"
    if (table := _read(kept, hashed)) is not None:
        return replace(table, sources=named(found))  # the same prices may stand in another folder by now
    from costsim.prices.compiling.assemble import assemble

    table = assemble(found, hashed)
    _write(kept, table)
    return table


def _code() -> str:
    """A hash of all that makes a table and looks into it: one that other code compiled may mean something else."""
    state = xxhash.xxh3_64()
    for folder in MADE_BY:
        for module in sorted(path for path in folder.iterdir() if path.suffix in (".py", ".yaml")):
            state.update(module.read_bytes())
    return state.hexdigest()


def _cache_folder() -> Path:
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("costsim", appauthor=False))


def _read(path: Path, expected: str) -> PriceTable | None:
    """Return the kept table, or None where there is none or it is not whole."""
    try:
        content = path.read_bytes()
        size = int.from_bytes(content[:8], "little")
        head = msgspec.msgpack.decode(memoryview(content)[8 : 8 + size], type=Head)
        arrays = {name: _array(content, 8 + size, *where) for name, where in head.arrays.items()}
        return _table(head, arrays) if head.hash == expected else None
    except (OSError, KeyError, ValueError, msgspec.MsgspecError):
        return None


def _array(content: bytes, start: int, offset: int, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    count = int(np.prod(shape))
    return np.frombuffer(content, dtype, count, start + offset).reshape(shape)


def _table(head: Head, arrays: dict[str, npt.NDArray[Any]]) -> PriceTable:
    return PriceTable(
        arrays=Arrays(**{name: arrays[name] for name in _NUMBERS}),
        fact_columns=FactColumns(**{name: arrays[name] for name in _FACTS}, tokenizers=head.tokenizers),
        book=head.book,
        models=head.models,
        small_models=head.small_models,
        minimums=head.minimums,
        newest=head.newest,
        newest_at=head.newest_at,
        hash=head.hash,
        sources=head.sources,
        commitments=head.commitments,
        quotas=head.quotas,
    )


def _write(path: Path, table: PriceTable) -> None:
    """Keep a table, whole or not at all; a folder that is not writable costs the next run two seconds."""
    import tempfile  # only needed here, and slow to import

    content = _packed(table)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(part).replace(path)
        for old in sorted(path.parent.glob("prices-*.bin"), key=lambda one: one.stat().st_mtime)[:-_KEPT]:
            old.unlink()
    except OSError:
        return


def _packed(table: PriceTable) -> bytes:
    body = bytearray()
    places: dict[str, tuple[int, str, tuple[int, ...]]] = {}
    columns = {name: getattr(table.arrays, name) for name in _NUMBERS}
    columns |= {name: getattr(table.fact_columns, name) for name in _FACTS}
    for name, column in columns.items():
        array = np.ascontiguousarray(column)
        body += bytes(-len(body) % _ALIGN)
        places[name] = (len(body), array.dtype.str, array.shape)
        body += array.tobytes()
    head = msgspec.msgpack.encode(
        Head(
            hash=table.hash,
            book=table.book,
            models=table.models,
            small_models=table.small_models,
            minimums=table.minimums,
            newest=table.newest,
            newest_at=table.newest_at,
            sources=table.sources,
            commitments=table.commitments,
            quotas=table.quotas,
            tokenizers=table.fact_columns.tokenizers,
            arrays=places,
        )
    )
    return len(head).to_bytes(8, "little") + head + bytes(body)
