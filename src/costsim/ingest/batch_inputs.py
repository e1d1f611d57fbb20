"""The inputs of batch jobs, found by their `custom_id` when the outputs are read, for the outputs hold no prompts.

Of an input only a hash and a place are kept for each request; the request itself is read again when it is wanted. An
input that is packed is left out, for nothing can be found in it without unpacking all of it.
"""

from collections.abc import Callable, Sequence
from itertools import islice, takewhile
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.formats.contract import BatchFormat
from costsim.ingest.containers import compression
from costsim.ingest.sources.found import Source
from costsim.schema import among

Requests = Callable[[str], bytes | None]
_LOOKED_AT = 50
"""Lines of an output by which its input is told from others."""


class BatchInputs:
    """The inputs among the sources of a run; each is gone through once in a process, when an output asks for it."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._found: dict[int, _Input] | None = None

    def of(self, source: Source, batch: BatchFormat) -> Requests:
        """Return what finds the requests of an output by their `custom_id`: nothing, where it has no input here."""
        if source.look.container != "lines":
            return _nothing
        found = _input_of(source, self._inputs(batch))
        return found.request if found is not None else _nothing

    def _inputs(self, batch: BatchFormat) -> "list[_Input]":
        if self._found is None:
            self._found = {}
        for number, source in enumerate(self._sources):
            look = source.look
            plain = look.container == "lines" and look.packing is None and look.formats[:1] == (batch.NAME,)
            if plain and number not in self._found and _first_id(source.path, batch) is not None:
                self._found[number] = _Input(source, batch)
        return [each for each in self._found.values() if each.batch is batch]


class _Input:
    """One input: where each of its requests stands."""

    def __init__(self, source: Source, batch: BatchFormat) -> None:
        self.source, self.batch = source, batch
        self._places: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def request(self, custom_id: str) -> bytes | None:
        hashes, places = self._index()
        wanted = np.uint64(_hash(custom_id))
        at = int(np.searchsorted(hashes, wanted))
        if at >= len(hashes) or hashes[at] != wanted:
            return None
        with self.source.path.open("rb") as stream:
            stream.seek(int(places[at]))
            return stream.readline()

    def holds(self, custom_ids: Sequence[str]) -> int:
        """How many of the ids this input has."""
        wanted = np.array([_hash(each) for each in custom_ids], np.uint64)
        return int(among(wanted, self._index()[0]).sum())

    def _index(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        if self._places is None:
            hashes, places, at = [], [], 0
            with self.source.path.open("rb", buffering=1 << 20) as lines:
                for line in lines:
                    if (name := _custom_id(self.batch, line)) is not None:
                        hashes.append(_hash(name))
                        places.append(at)
                    at += len(line)
            found = np.array(hashes, np.uint64)
            order = np.argsort(found, kind="stable")
            self._places = found[order], np.array(places, np.int64)[order]
        return self._places


def _input_of(source: Source, inputs: list[_Input]) -> _Input | None:
    """The input that has most of an output's ids; of several the nearest by folder and name, None where they tie."""
    with compression.opened(source.path) as lines:
        ids = [name for line in islice(lines, _LOOKED_AT) if (name := _result_id(line)) is not None]
    ranked = sorted(((each.holds(ids), *_near(source.path, each.source.path)), n) for n, each in enumerate(inputs))
    if not ranked or not ranked[-1][0][0]:
        return None
    if len(ranked) > 1 and ranked[-1][0] == ranked[-2][0]:
        return None
    return inputs[ranked[-1][1]]


def _near(one: Path, other: Path) -> tuple[bool, int]:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one.name, other.name, strict=False))
    return one.parent == other.parent, sum(1 for _ in same)


class _Named(msgspec.Struct, gc=False):
    custom_id: int | float | str | None = None


_named = msgspec.json.Decoder(_Named, strict=False).decode


def _result_id(line: bytes) -> str | None:
    try:
        found = _named(line).custom_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if found is None else str(found)


def _first_id(path: Path, batch: BatchFormat) -> str | None:
    with path.open("rb") as lines:
        return next((name for line in islice(lines, _LOOKED_AT) if (name := _custom_id(batch, line)) is not None), None)


def _custom_id(batch: BatchFormat, line: bytes) -> str | None:
    try:
        return batch.custom_id(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _hash(name: str) -> int:
    return xxh3_64_intdigest(name.encode("utf-8", "replace"))


def _nothing(_custom_id: str) -> None:
    return None
