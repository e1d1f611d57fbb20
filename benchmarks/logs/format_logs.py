"""A log of any size in any format: the format's own sample again and again, as if its traffic had gone on.

Every repetition has ids of its own, so that no call is a copy, and texts of its own, but for what an application says
in each of its calls: its few system prompts and its tools. Texts are made longer until a call takes as many bytes as in
real logs. The same size gives the same bytes.
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benchmarks.logs.sample_texts import SampleTexts, decoded, inside, mapped
from benchmarks.logs.wording import sentence_pool

SAMPLES = Path(__file__).parents[2] / "sample_logs"
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
_NUMBER = "93751086"
"""The same in ids that are numbers."""
_VARIANTS = 24
"""Repetitions whose texts are drawn; later ones have the same sentences around another number."""
_SHORTEST_ID = 6
_NAMES_OF_IDS = re.compile(r"(?:^|[^a-z])(?:uu)?ids?$|[a-z](?:Id|ID|Uuid|UUID)s?$|dotted_order$")
_NO_IDS = re.compile("(?i)model|project|org|log_id|user|account|api_key|deployment|experiment|app_id")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F-]{16,}")
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
            written += out.write(_repeated(variants[times % len(variants)], times))
            times += 1
    return path


def _repeated(variant: list[list[bytes]], times: int) -> bytes:
    return (b"%08x" % times).join([(b"%08d" % times).join(piece) for piece in variant])


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
    return [record for line in lines if isinstance(record := decoded(line), dict | list)]


def _variants(name: str, records: list[Any]) -> list[list[list[bytes]]]:
    """The sample with texts of its own, some times over, cut where the number of the repetition belongs.

    It belongs there in hexadecimal between the outer pieces, and in decimal between the inner ones.
    """
    texts, rename = SampleTexts(name, records), _renamer(_ids(records))
    wanted, plain = BYTES_OF_A_CALL * _calls(name, records), len(msgspec.json.encode(records))
    more = max(0, wanted - plain) / max(1, len(texts.words))
    for _ in range(2):  # what escapes and repeated texts add is not known before
        whole = _grown(name, records, texts, rename, round(more))
        added = sum(map(len, whole)) / _VARIANTS - plain
        more *= max(0, wanted - plain) / added
    whole = _grown(name, records, texts, rename, round(more))
    return [[piece.split(_NUMBER.encode()) for piece in each.split(_MARK.encode())] for each in whole]


def _grown(name: str, records: list[Any], texts: SampleTexts, rename: Callable[[str], str], usual: int) -> list[bytes]:
    """The sample some times over, its texts longer by about so many characters each."""
    draw = Random(name)
    sentences = sentence_pool(draw, 2_000)

    def longer(text: str, length: int) -> list[str]:
        said = [text]
        while length > 0:
            said.append(draw.choice(sentences))
            length -= len(said[-1]) + 1
        return said

    repeated = {text: "\n".join(longer(text, usual)) for text in sorted(texts.repeated)}

    def grown(text: str) -> str:
        if text in repeated:
            return repeated[text]
        if not texts.is_words(text):
            return rename(text)
        separator = " " if draw.random() < 0.5 else "\n"
        said = longer(rename(text), round(usual * draw.lognormvariate(-0.3, 0.8)))
        return separator.join([*said, f"(no. {_MARK})"])

    numbered = [_numbered(each) for each in records]
    lines = [[msgspec.json.encode(mapped(each, grown)) + b"\n" for each in numbered] for _ in range(_VARIANTS)]
    return [b"".join(each) for each in lines]


def _calls(name: str, records: list[Any]) -> int:
    """How many calls are in the JSON Lines of a sample, as the file beside it says."""
    expected = SAMPLES / "formats" / name / "expected.json"
    if not expected.is_file():
        return len(records)
    files: list[str] = [call["source_file"] for call in msgspec.json.decode(expected.read_bytes())["calls"]]
    return max(1, sum(file.endswith(".jsonl") for file in files))


def _ids(value: Any) -> set[str]:
    """Every text that is an id, by the name that it has."""
    if isinstance(value, list):
        return {each for inner in value for each in _ids(inner)}
    if isinstance(value, str):
        inner = inside(value)
        return _ids(inner) if inner is not None else set()
    if not isinstance(value, dict):
        return set()
    if isinstance(value.get("key"), str) and isinstance(value.get("value"), dict):  # as OTLP writes attributes
        value = {value["key"]: value["value"].get("stringValue"), "rest": value["value"]}
    found = {each for inner in value.values() for each in _ids(inner)}
    for name, inner in value.items():
        if _NAMES_OF_IDS.search(name) and not _NO_IDS.search(name):
            listed = inner if isinstance(inner, list) and name.endswith("s") else [inner]  # LangChain's `id` is a path
            found.update(each for each in listed if isinstance(each, str))
    return found - {""}


def _renamer(ids: set[str]) -> Callable[[str], str]:
    """A function that puts the mark into each id, wherever it stands; short ones only where they stand alone."""
    longer = sorted((each for each in ids if len(each) >= _SHORTEST_ID), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longer)) or "(?!)")

    def rename(text: str) -> str:
        return _renamed(text) if text in ids else pattern.sub(lambda match: _renamed(match[0]), text)

    return rename


def _numbered(value: Any) -> Any:
    """A record with the mark in each id that is a number, as real logs do not repeat these either.

    A list of them names blocks of a prompt, of which the first is what an application says in each of its calls.
    """
    if isinstance(value, list):
        return [_numbered(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    found = {name: _numbered(inner) for name, inner in value.items()}
    for name, inner in value.items():
        if _NAMES_OF_IDS.search(name) and not _NO_IDS.search(name):
            is_blocks = isinstance(inner, list)
            found[name] = [*inner[:1], *map(_own_number, inner[1:])] if is_blocks else _own_number(found[name])
    return found


def _own_number(value: Any) -> Any:
    if type(value) is not int or value <= 0:  # -1 stands for none
        return value
    digits = str(value)
    return int((digits[: -len(_NUMBER)] or digits) + _NUMBER)


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
