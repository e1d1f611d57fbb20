"""The recipe of CONTRIBUTING for a log format, tried: a module and a line are all that a new one needs."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest
from tests.ingest.conftest import Read
from tests.ingest.logs import lines

from costsim.app import formats as use_case
from costsim.decode import TolerantDecoder
from costsim.errors import LogError
from costsim.formats import FORMATS, detect
from costsim.schema import Call


class Line(msgspec.Struct):
    """A row of a log that no one writes."""

    kind: str | None = None
    used: list[int] | None = None


def made_up(*, transcript: bool = False) -> ModuleType:
    """A format with the four names of the contract; as a transcript, each row needs the one before it."""
    module = ModuleType("tally_stick")
    decode = TolerantDecoder(Line).decode

    def claims(record: dict[str, Any]) -> bool:
        return record.get("kind") in ("tally", "model")

    def session() -> Callable[[bytes], list[Call]]:
        model: list[str] = ["oak-1"]

        def read(record: bytes) -> list[Call]:
            line = decode(record)
            if line.kind == "model":
                model[0] = "elm-2"
            if line.used is None:
                return []
            given, taken = line.used
            return [Call(model=model[0], input_tokens=given, output_tokens=taken, tokens_basis="logged")]

        return read

    def alone(record: bytes) -> list[Call]:
        return session()(record)

    module.__dict__.update(NAME="tally-stick", ABOUT="notches in wood", claims=claims, read=alone)
    if transcript:
        module.__dict__["session"] = session
    return module


ROWS = [{"kind": "tally", "used": [7, 1]}, {"kind": "model"}, {"kind": "tally", "used": [9, 2]}, {"kind": "tally"}]


def test_a_module_and_a_line_make_a_format(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "tally-stick", made_up())
    log = read(lines(*ROWS, b'{"kind": "tally"'))
    assert log.source.format == "tally-stick"
    assert [(row["model"], row["input_tokens"]) for row in log.rows()] == [("oak-1", 7), ("oak-1", 9)]
    assert (log.source.not_calls, log.source.rejected) == (2, 1)
    assert log.adds_up()
    assert "tally-stick" in use_case.listed()


def test_rows_of_a_transcript_know_earlier_ones_however_large_the_file(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, "tally-stick", made_up(transcript=True))
    monkeypatch.setattr("costsim.ingest.sources.splits.SPLIT_BYTES", 64)
    log = read(lines(*ROWS, *ROWS[2:]))
    assert [row["model"] for row in log.rows()] == ["oak-1", "elm-2", "elm-2"]


def test_a_record_that_two_claim_is_an_error_that_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "tally-stick", made_up())
    monkeypatch.setitem(FORMATS, "wood", made_up())
    with pytest.raises(LogError, match=r"both tally-stick and tally-stick claim it \(choose one with --log-format\)"):
        detect(json.loads('{"kind": "tally"}'), "somewhere")
