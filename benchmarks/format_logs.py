"""A log of any size in any format: the format's own sample again and again, as if its traffic had gone on.

Every repetition has ids of its own, so that no call is a copy, and texts of its own. Texts are made longer until a call
takes as many bytes as in real logs. The same size gives the same bytes.
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benchmarks.wording import sentence_pool

SAMPLES = Path(__file__).parents[1] / "sample_logs"
MESSAGES = SAMPLES / "formats" / "opencode" / "message"
STORIES = {"litellm": "coding_agent.jsonl.gz", "anthropic-messages": "document_pipeline.jsonl.gz"}
"""Formats whose sample is a whole story; of it the beginning."""
_OF_A_STORY = 120

BYTES_OF_A_CALL = 8_000
"""About what a call takes in real logs: most formats are between 4 and 13 kB. The same in each, so that what is
compared is the formats, and not how much is said in them.
"""

_MARK = "7e57c0de"
"""Stands in each id and text for the number of the repetition; eight characters that are hexadecimal and base64."""
_VARIANTS = 24
"""Repetitions whose texts are drawn; later ones have the same sentences around another number."""
_SHORTEST_ID = 6
_NAMES_OF_IDS = re.compile(r"(?:^|[^a-z])(?:uu)?ids?$|[a-z](?:Id|ID|Uuid|UUID)s?$|dotted_order$")
_NO_IDS = re.compile("(?i)model|project|org|log_id|user|account|api_key|deployment|experiment")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F-]{16,}")
_PROSE = re.compile(r"\S+ \S+ \S")
_GENERIC = [
    {"id": "row-100001", "timestamp": "2026-11-06T10:00:00Z", "model": "gpt-4o-mini", "input_tokens": 1210,
     "output_tokens": 64, "route": "triage", "user": "u-17", "duration_ms": 911.5, "status": "ok"},
    {"id": "row-100002", "timestamp": "2026-11-06T10:00:04Z", "model": "claude-sonnet-4-5", "input_tokens": 9120,
     "output_tokens": 412, "cache_read_tokens": 8000, "route": "drafting", "user": "u-3", "duration_ms": 7300.2,
     "status": "ok"},
]  # fmt: skip


def formats() -> list[str]:
    """Return the formats that have a sample in JSON Lines."""
    return sorted([*STORIES, "generic", *(path.name for path in (SAMPLES / "formats").iterdir() if _files(path.name))])


def write(name: str, size: int, folder: Path) -> Path:
    """Write a log of a format of at least so many bytes; return its path."""
    variants = _variants(name, _records(name))
    path, written, times = folder / f"{name}.jsonl", 0, 0
    with path.open("wb", buffering=1 << 20) as out:
        while written < size:
            written += out.write((b"%08x" % times).join(variants[times % len(variants)]))
            times += 1
    return path


def write_messages(count: int, folder: Path) -> None:
    """Write so many files of one message each, as OpenCode does, in a folder for each forty of them."""
    samples = [msgspec.json.decode(path.read_bytes()) for path in sorted(MESSAGES.glob("*.json"))]
    for number in range(count):
        session = folder / f"ses_{number // 40:05d}"
        session.mkdir(parents=True, exist_ok=True)
        message = {**samples[number % len(samples)], "id": f"msg_{number:06d}", "sessionID": session.name}
        content = msgspec.json.format(msgspec.json.encode(message))
        (session / f"msg_{number:06d}.json").write_bytes(content)


def _files(name: str) -> list[Path]:
    return sorted((SAMPLES / "formats" / name).rglob("*.jsonl"))


def _records(name: str) -> list[Any]:
    """The sample's lines as values; of what is broken there is a line in a real log, and none here."""
    if name == "generic":
        return _GENERIC
    if name in STORIES:
        lines = gzip.decompress((SAMPLES / STORIES[name]).read_bytes()).splitlines()[:_OF_A_STORY]
    else:
        lines = [line for path in _files(name) for line in path.read_bytes().splitlines()]
    decoded = [_decoded(line) for line in lines]
    return [record for record in decoded if isinstance(record, dict | list)]


def _variants(name: str, records: list[Any]) -> list[list[bytes]]:
    """The sample with texts of its own, some times over, cut where the number of the repetition belongs."""
    draw = Random(name)
    sentences = sentence_pool(draw, 2_000)
    rename = _renamer(_ids(records))
    plain = msgspec.json.encode(records)
    texts = sum(1 for _ in _texts(records))
    usual = max(0, BYTES_OF_A_CALL * _calls(name, records) - len(plain)) // max(1, texts)

    def grown(text: str) -> str:
        if not _is_prose(text):
            return rename(text)
        length, said = round(usual * draw.lognormvariate(-0.3, 0.8)), [rename(text)]
        while length > 0:
            said.append(draw.choice(sentences))
            length -= len(said[-1]) + 1
        separator = " " if draw.random() < 0.5 else "\n"
        return separator.join([*said, f"(no. {_MARK})"])

    whole = [b"".join(msgspec.json.encode(_mapped(each, grown)) + b"\n" for each in records) for _ in range(_VARIANTS)]
    return [each.split(_MARK.encode()) for each in whole]


def _calls(name: str, records: list[Any]) -> int:
    """How many calls are in the JSON Lines of a sample, as the file beside it says."""
    expected = SAMPLES / "formats" / name / "expected.json"
    if not expected.is_file():
        return len(records)
    files: list[str] = [call["source_file"] for call in msgspec.json.decode(expected.read_bytes())["calls"]]
    return max(1, sum(file.endswith(".jsonl") for file in files))


def _decoded(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _is_prose(text: str) -> bool:
    return _PROSE.search(text) is not None and not text.startswith(("data: ", "event: "))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A value with every text in it changed, those inside JSON that stands in a text too."""
    if isinstance(value, dict):
        return {change(name): _mapped(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    if not isinstance(value, str):
        return value
    inner = _decoded(value) if value[:1] in ("{", "[", '"') else None
    return change(value) if inner is None else msgspec.json.encode(_mapped(inner, change)).decode()


def _texts(value: Any) -> Iterator[str]:
    found: list[str] = []

    def note(text: str) -> str:
        if _is_prose(text):
            found.append(text)
        return text

    _mapped(value, note)
    return iter(found)


def _ids(value: Any) -> set[str]:
    """Every text that is an id, by the name that it has."""
    if isinstance(value, list):
        return {each for inner in value for each in _ids(inner)}
    if isinstance(value, str):
        inner = _decoded(value) if value[:1] in ("{", "[") else None
        return _ids(inner) if inner is not None else set()
    if not isinstance(value, dict):
        return set()
    if isinstance(value.get("key"), str) and isinstance(value.get("value"), dict):  # as OTLP writes attributes
        value = {value["key"]: value["value"].get("stringValue"), "rest": value["value"]}
    found = {each for inner in value.values() for each in _ids(inner)}
    for name, inner in value.items():
        if _NAMES_OF_IDS.search(name) and not _NO_IDS.search(name):
            found.update(each for each in (inner if isinstance(inner, list) else [inner]) if isinstance(each, str))
    return found - {""}


def _renamer(ids: set[str]) -> Callable[[str], str]:
    """A function that puts the mark into each id, wherever it stands; short ones only where they stand alone."""
    longer = sorted((each for each in ids if len(each) >= _SHORTEST_ID), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longer)) or "(?!)")

    def rename(text: str) -> str:
        return _renamed(text) if text in ids else pattern.sub(lambda match: _renamed(match[0]), text)

    return rename


@cache
def _renamed(text: str) -> str:
    if _HEX.fullmatch(text):
        digits = iter(hashlib.sha256(text.encode()).hexdigest())
        own = "".join(next(digits) if each.isalnum() else each for each in text[: -len(_MARK)])
        return own + _MARK
    if text.endswith("=") and len(text) in (12, 24):
        own = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        return f"{_MARK}{own[: text.index('=') - len(_MARK)]}{'=' * text.count('=')}"
    return f"{text}-{_MARK}"
