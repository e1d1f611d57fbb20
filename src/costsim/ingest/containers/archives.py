"""Archives of JSON files (tar, zip): every record of every file inside, one file after the other."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard

from costsim.ingest.containers import compression, documents
from costsim.ingest.containers.compression import Damaged
from costsim.ingest.containers.json_window import Broken

CONTAINERS = ("tar", "zip")

_LARGEST = 1 << 29
"""Bytes of one file inside; more than that at once is not taken into memory."""
_ENDINGS = (".json", ".jsonl", ".ndjson")
_ZSTD = 93
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RuntimeError, *compression.DAMAGE)

Reject = Callable[[int, str], None]


def container(start: bytes) -> str | None:
    """Return which archive begins so, None where it is none."""
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    return "tar" if start[257:262] == b"ustar" else None


def first(path: Path, kind: str, most: int) -> Iterator[dict[str, Any]]:
    """Yield the first records of the files inside, one of each file; nothing more where the archive breaks off."""
    try:
        for name, content in islice(_files(path, kind), most):
            for record, _ in islice(_records(name, content, lambda _line, _reason: None), 1):
                value = msgspec.json.decode(record)
                if isinstance(value, dict):
                    yield value
    except (Damaged, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return


def records(path: Path, kind: str, reject: Reject) -> Iterator[tuple[bytes, int]]:
    """Yield each record with its line in the file inside; Damaged after the last that can be read."""
    for name, content in _files(path, kind):
        yield from _records(name, content, reject)


def _records(name: str, content: bytes, reject: Reject) -> Iterator[tuple[bytes, int]]:
    try:
        for record, line in documents.records(io.BytesIO(content)):
            yield bytes(record), line
    except Broken as problem:
        reject(problem.line, f"{problem.reason} (in {name})")


def _files(path: Path, kind: str) -> Iterator[tuple[str, bytes]]:
    """The JSON files inside, by name and content."""
    try:
        if kind == "zip":
            yield from _zipped(path)
        else:
            with compression.opened(path) as stream:
                yield from _tarred(stream)
    except PermissionError:
        raise
    except _DAMAGE as problem:
        raise problem if isinstance(problem, Damaged) else Damaged(f"damaged: {problem}") from problem


def _tarred(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    with closing(tarfile.open(fileobj=stream, mode="r|")) as archive:
        for member in archive:
            if member.isfile() and member.name.lower().endswith(_ENDINGS) and member.size <= _LARGEST:
                file = archive.extractfile(member)
                yield member.name, file.read() if file else b""


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
        for member in archive.infolist():
            if member.filename.lower().endswith(_ENDINGS) and member.file_size <= _LARGEST:
                if member.compress_type == _ZSTD:
                    yield member.filename, _zstd_member(raw, member)
                else:
                    yield member.filename, archive.read(member)


def _zstd_member(raw: BinaryIO, member: zipfile.ZipInfo) -> bytes:
    """The content of a file that is packed with zstd, which Python's own library learns to unpack only in 3.14."""
    raw.seek(member.header_offset + 26)
    lengths = raw.read(4)
    raw.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), io.SEEK_CUR)
    packed = raw.read(member.compress_size)
    content = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    if zlib.crc32(content) != member.CRC:
        raise zipfile.BadZipFile(f"bad checksum of {member.filename}")
    return content
