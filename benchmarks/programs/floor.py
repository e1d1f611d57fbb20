"""Parts of an audit, each alone and by the fastest library for it: `python benchmarks/programs/floor.py decode FILE`.

They show what no audit that is written in Python can do without: apart from one loop over the lines, all that is done
here is done by compiled code. Each says how many lines it read.
"""

import gc
import io
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path

import duckdb
import msgspec
from xxhash import xxh3_64_intdigest

from costsim.tasks import Classifier
from costsim.tasks.reading import FIRST, LAST, excerpt
from costsim.tasks.scanning import scan

PIECES, BLOCK, TEXTS_AT_ONCE = 16, 1 << 20, 4_000

COLUMNS = """
    SELECT CAST("timestamp" AS VARCHAR), route, "user", session_id, status, duration_ms, request.model,
        list_transform(request.messages, lambda message: message.role),
        list_transform(request.messages, lambda message: message.content),
        list_transform(request.messages, lambda message: hash(message.content)),
        response.id, response.model, response.usage.prompt_tokens, response.usage.completion_tokens,
        response.choices[1].finish_reason, response.choices[1].message.content
    FROM read_json(?, format = 'newline_delimited')
"""


class Message(msgspec.Struct, gc=False):
    """One message of a request."""

    content: msgspec.Raw = msgspec.Raw(b"null")


class Request(msgspec.Struct, gc=False):
    """What was asked."""

    messages: list[Message]
    model: str | None = None


class Usage(msgspec.Struct, gc=False):
    """The tokens."""

    prompt_tokens: int
    completion_tokens: int


class Response(msgspec.Struct, gc=False):
    """What was answered."""

    id: str
    usage: Usage


class Line(msgspec.Struct, gc=False):
    """The least of a line that an audit reads."""

    timestamp: str | float
    request: Request
    response: Response
    route: str | None = None
    user: str | None = None


def duckdb_columns(log: Path) -> int:
    """DuckDB takes out the columns that an audit reads, with the texts and a hash of each, on all cores."""
    columns = duckdb.sql(COLUMNS, params=[str(log)])
    assert columns is not None  # as it would be for a statement that returns nothing
    return sum(batch.num_rows for batch in columns.to_arrow_reader(20_000))


def decode(log: Path, start: int, end: int) -> int:
    """Read the least of the lines that begin in a piece of a log."""
    return sum(map(len, _decoded(log, start, end)))


def classify(log: Path, start: int, end: int) -> int:
    """As `decode`; besides, hash all texts and look for signals of tasks in the last one of each request."""
    reader, text_of = Classifier().model.reader, msgspec.json.Decoder(str).decode
    reader.hurry()
    lines, written = 0, list[str]()
    for rows in _decoded(log, start, end):
        lines += len(rows)
        for row in rows:
            contents = [bytes(message.content) for message in row.request.messages]
            for content in contents:
                xxh3_64_intdigest(content)
            if contents[-1].startswith(b'"'):
                written.append(excerpt(text_of(contents[-1]), FIRST, LAST))
        if len(written) >= TEXTS_AT_ONCE:
            scan(reader, written)
            written = []
    return lines


def _decoded(log: Path, start: int, end: int) -> Iterator[list[Line]]:
    """The lines that begin in a piece, many at a time; a few odd ones are passed over."""
    gc.disable()  # as an audit does while it reads
    decoded = msgspec.json.Decoder(Line).decode
    with log.open("rb") as file:
        file.seek(max(start - 1, 0))
        if start:
            file.readline()
        while file.tell() < end:
            rows = []
            for line in io.BytesIO(file.read(min(BLOCK, end - file.tell())) + file.readline()).readlines():
                try:
                    rows.append(decoded(line))
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
            yield rows


def by_piece(part: Callable[[Path, int, int], int], log: Path) -> int:
    """Do a part of the work over all of a log, on all cores."""
    size = log.stat().st_size
    bounds = [size * piece // PIECES for piece in range(PIECES + 1)]
    with Pool() as pool:
        return sum(pool.starmap(part, [(log, *piece) for piece in pairwise(bounds)], chunksize=1))


if __name__ == "__main__":
    _, name, file_name = sys.argv
    path = Path(file_name)
    print(duckdb_columns(path) if name == "duckdb" else by_piece({"decode": decode, "classify": classify}[name], path))
