"""SQLite databases of tools that keep their logs there: rows as records, read and never written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from costsim.formats import FORMATS
from costsim.formats.contract import DatabaseFormat
from costsim.ingest.containers.compression import Damaged

MAGIC = b"SQLite format 3\0"


def formats_in(path: Path) -> tuple[str, ...]:
    """Return the formats whose tables the database has; Damaged where it cannot be read."""
    with _opened(path) as database:
        return tuple(name for name in FORMATS if list(_queries(database, name)))


def tables(path: Path) -> list[str]:
    """Return the names of the tables."""
    with _opened(path) as database:
        return [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]


def records(path: Path, names: tuple[str, ...]) -> Iterator[bytes]:
    """Yield each row of the formats' tables as JSON; Damaged after the last that can be read."""
    with _opened(path) as database:
        for query in (query for name in names for query in _queries(database, name)):
            rows = database.execute(query)
            columns = [column[0] for column in rows.description]
            for row in rows:
                values = {name: value for name, value in zip(columns, row, strict=True) if value.__class__ is not bytes}
                yield msgspec.json.encode(values)


def _queries(database: sqlite3.Connection, name: str) -> Iterator[str]:
    """The queries of a format that this database can answer; others have tables of the same name."""
    log_format = FORMATS[name]
    if not isinstance(log_format, DatabaseFormat):
        return
    for query in log_format.QUERIES.values():
        try:
            database.execute(f"SELECT * FROM ({query}) LIMIT 0")
        except sqlite3.OperationalError:
            continue
        yield query


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(_connected(path)) as database:
            yield database
    except sqlite3.Error as problem:
        raise Damaged(f"damaged: {problem}") from problem


def _connected(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing; where even a lock cannot be had, the database is read as it lies there."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    for address_of in (address, f"{address}&immutable=1"):
        database = sqlite3.connect(address_of, uri=True)
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            database.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError:
            database.close()
        else:
            return database
    raise sqlite3.OperationalError("unable to open the database")
