"""The texts in a sample of a format: which are words, and which of them an application says in each of its calls."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec

from costsim import formats
from costsim.schema import Call, answer_of, text_of

_PROSE = re.compile(r"\S+ \S+ \S")
_WORD = re.compile(r"[a-z_.]*$")
"""What may be a role or a kind of something besides."""
_DATE = re.compile(r"^\d{4}-\d\d-\d\d[ T]| GMT$")
_NAMES_OF_TOOLS = re.compile(r"(?i)(?:^|[._])(?:tools|functions|tool_?config|tool[._]?(?:definitions|spec))(?:$|[.\d])")


class SampleTexts:
    """What is said in the records of a sample."""

    def __init__(self, name: str, records: list[Any]) -> None:
        calls = _calls(name, records)
        messages = [message for call in calls for message in call.messages or ()]
        answers = [text for call in calls if (text := answer_of(call))]
        self._said = {*answers, *map(text_of, messages)}
        self.words = [text for text in _texts(records) if self.is_words(text)]
        """Every text that is words, as often as it stands there."""
        prompts = {text_of(message) for message in messages if message[0] == "system"}
        said = {text for part in _of_the_application(records) for text in _texts(part) if self.is_words(text)}
        self.repeated = said | {text for text in self.words if any(text.strip() in prompt for prompt in prompts)}
        """Those that an application says in each of its calls: what the format reads as system prompts, and tools."""

    def is_words(self, text: str) -> bool:
        """Whether somebody says this, and it is no name, id or figure."""
        if text.startswith(("data: ", "event: ", "{")) or _DATE.search(text):
            return False
        return _PROSE.search(text) is not None or (text in self._said and not _WORD.match(text))


def _calls(name: str, records: list[Any]) -> list[Call]:
    read = formats.reader(formats.FORMATS[name])
    found: list[Call] = []
    for record in chain.from_iterable(each if isinstance(each, list) else [each] for each in records):
        with suppress(msgspec.DecodeError):
            found += read(msgspec.json.encode(record))
    return found


def _of_the_application(value: Any) -> Iterator[Any]:
    """Every list of tools, by the name that it has, and every message of a system's role."""
    if isinstance(value, list):
        for inner in value:
            yield from _of_the_application(inner)
    elif isinstance(value, str):
        yield from _of_the_application(inside(value))
    elif isinstance(value, dict) and value.get("role") in ("system", "developer"):
        yield value
    elif isinstance(value, dict):
        if isinstance(name := value.get("key"), str) and "value" in value:  # as OTLP writes attributes
            value = {name: value["value"]}
        for name, inner in value.items():
            if _NAMES_OF_TOOLS.search(name):
                yield inner
            else:
                yield from _of_the_application(inner)


def decoded(text: str | bytes) -> Any:
    """Return the value of JSON; None where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def inside(text: str) -> Any:
    """Return the value of JSON that stands in a text; None where it is another text."""
    return decoded(text) if text[:1] in ("{", "[", '"') else None


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with every text in it changed, those inside JSON that stands in a text too."""
    if isinstance(value, dict):
        return {change(name): mapped(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [mapped(inner, change) for inner in value]
    if not isinstance(value, str):
        return value
    inner = inside(value)
    return change(value) if inner is None else msgspec.json.encode(mapped(inner, change)).decode()


def _texts(value: Any) -> Iterator[str]:
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    mapped(value, note)
    return iter(found)
