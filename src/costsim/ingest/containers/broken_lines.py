"""Lines that are no JSON object: what can be saved of them, and why not, in words for whoever wrote the log."""

import re
from json import JSONDecodeError, JSONDecoder

import msgspec

from costsim.formats.shared.times import microseconds

ONLY_NULS = "only NUL bytes, as a crash leaves them"
_LONGEST_PREFIX = 200
_WORDS_OF_TIME = 3
_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_BETWEEN = re.compile(r"[ \t,\r\n]*")


def pieces(record: bytes) -> list[bytes]:
    """Return the JSON objects that a line is made of; nothing where a part of it is no JSON."""
    decoder, text, at = JSONDecoder(), record.decode("utf-8", "replace"), 0
    found: list[bytes] = []
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (JSONDecodeError, RecursionError):
            return []
        if not isinstance(value, dict):
            return []
        found.append(text[at:end].encode())
        between = _BETWEEN.match(text, end)
        at = between.end() if between else end
    return found


def after_prefix(record: bytes) -> bytes | None:
    """Return the JSON object that stands behind a logger's own words at the beginning of a line, else None.

    A time among these words is put into the object, where its own fields may overrule it: CloudWatch's exports to S3,
    lines of syslog and of containers.
    """
    line = record.strip()
    start = line.find(b"{", 1, _LONGEST_PREFIX)
    if start < 0 or not line.endswith(b"}") or line.startswith((b"{", b"[", b'"')):
        return None
    inner = line[start:]
    try:
        msgspec.json.decode(inner)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    words = line[:start].decode("utf-8", "replace").split()
    told = next((each for each in words[:_WORDS_OF_TIME] if _TIME.match(each) and microseconds(each)), None)
    if told is None or inner == b"{}":
        return inner
    return b'{"timestamp":' + msgspec.json.encode(told) + b"," + inner[1:]


def between_nuls(record: bytes) -> tuple[list[bytes], str | None]:
    """Return the objects that stand between NULs, and why not all of the line can be read; None where it can."""
    parts = [part.strip() for part in record.split(b"\0")]
    whole = [part for part in parts if _is_object(part) or after_prefix(part) is not None]
    if not any(parts):
        return whole, ONLY_NULS
    return whole, "NUL bytes in it, as a crash leaves them" if len(whole) < sum(map(bool, parts)) else None


def _is_object(text: bytes) -> bool:
    return text.startswith(b"{") and text.endswith(b"}")


def reason(record: bytes, problem: Exception) -> str:
    """Return why a line could not be read."""
    if record.lstrip()[:1] not in (b"{", b"["):
        return "is no JSON"
    try:
        msgspec.json.decode(record.strip())
    except msgspec.DecodeError as plain:  # without the line's end, which hides that the line stops too early
        problem = plain
    except UnicodeDecodeError:
        pass
    if str(problem) == "Input data was truncated":
        return "cut off in the middle"
    return first_line(problem).removeprefix("JSON is malformed: ")


def first_line(problem: Exception) -> str:
    """Return the first line of what an exception says, or its name where it says nothing."""
    return next(iter(str(problem).splitlines()), type(problem).__name__)
