"""Why a call got its task: its record is read once more from the logs, because its text is not kept."""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from costsim import formats
from costsim.app.reading import Reading
from costsim.errors import LogError
from costsim.formats.tables import generic
from costsim.ingest.records import records
from costsim.ingest.sources import splits
from costsim.ingest.sources.files import STDIN
from costsim.ingest.sources.found import Source, find
from costsim.ingest.ties import short_answers, votes
from costsim.ingest.ties.adopted import CERTAIN
from costsim.schema import Call, answer_of, text_of
from costsim.tasks import TASKS, Classifier, Reason, Shape, named, read_map

_SAME = 1e-4
_STATED = "stated by the log itself"
_VOTED = "most other calls of its system prompt or route, of which this one alone is unsure"
_LABELLED = "other calls of its system prompt or route: most are so, or are answered with one of a few words"


class _Lines:
    """Counts lines; what is wrong with others is not asked here."""

    physical_lines = 0

    def reject(self, line: int, reason: str) -> None:
        """Pass over a line that cannot be read."""


def reasons(logs: Sequence[str], reading: Reading, row: Mapping[str, Any]) -> list[Reason] | None:
    """Return what decided the task of a stored call; None where its record cannot be found or read again."""
    if not logs or STDIN in logs:
        return None
    mapping = generic.read_mapping(reading.mapping) if reading.mapping else None
    with tempfile.TemporaryDirectory(prefix="costsim-") as spool:
        found = find(logs, Path(spool), reading.log_format, mapping).sources
        source = next((each for each in found if each.name == row["source_file"] and not each.look.own), None)
        call = _call(source, row) if source is not None else None
    return _explained(call, reading, row) if call is not None else None


def _call(source: Source, row: Mapping[str, Any]) -> Call | None:
    """The stored call as its record tells it, with its text."""
    calls = [call for record in _records(source, row["source_line"]) for call in _read(source, record)]
    same = [call for call in calls if call.call_id == row["call_id"]]
    nameless = [call for call in calls if call.call_id is None]
    return same[0] if same else nameless[0] if len(nameless) == 1 else None


def _records(source: Source, wanted: int) -> Iterator[bytes]:
    """Every record that stands on a line of the source."""
    first = 0
    for split in splits.split(0, source):
        lines = _Lines()
        for record, line, _ in records(source, split, lines):
            if first + line == wanted:
                yield record
            elif first + line > wanted:
                return
        first += lines.physical_lines


def _read(source: Source, record: bytes) -> list[Call]:
    """The calls of a record, read as ingestion reads it."""
    try:
        if source.look.mapping is not None:
            return generic.reader(source.look.mapping)(record)
        if source.look.chosen or len(source.look.formats) == 1:
            return formats.FORMATS[source.look.formats[0]].read(record)
        claimed = formats.detect(msgspec.json.decode(record), source.name)
        return claimed.read(record) if claimed is not None else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LogError):
        return []


def _explained(call: Call, reading: Reading, row: Mapping[str, Any]) -> list[Reason] | None:
    """The signals, unless the text gives another task than the one that is kept."""
    messages = call.messages or []
    system = "\n".join(text_of(message) for message in messages if message[0] == "system")
    user = next((text_of(message) for message in reversed(messages) if message[0] == "user"), "")
    shape = Shape(
        turns=sum(role in ("user", "assistant") for role, _ in messages),
        has_tools=call.has_tools,
        called_tools=call.answer_has_tool_calls or [role for role, _ in messages[-1:]] == ["tool"],
        wants_json=call.wants_json,
        max_output_tokens=call.max_output_tokens,
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
    )
    classifier = Classifier(read_map(reading.tasks) if reading.tasks else None)
    asked = (system, user, shape, call.route, call.tags, answer_of(call), call.operation)
    guess, told = classifier.guess(*asked), classifier.explain(*asked)
    of_map = any(reason.where == "map" for reason in told)
    if call.task and not of_map and named(call.task, classifier.tasks) == row["task"]:
        return [Reason(row["task"], _STATED, math.inf, "log")]
    if guess.task == row["task"] and abs(guess.confidence - row["task_confidence"]) < _SAME:
        return told
    why = _of_others(guess.confidence, row)
    return [Reason(row["task"], why, math.inf, "votes"), *told] if why else None


def _of_others(own: float, row: Mapping[str, Any]) -> str | None:
    """What of other calls decided, where a call is less sure of its own; None where nothing of them can have."""
    adopted = row["task_confidence"]
    if not 0 < own < adopted:
        return None
    if row["task"] == TASKS[short_answers.CLASSIFICATION]:
        return _LABELLED
    return _VOTED if own * CERTAIN < votes.UNSURE and adopted >= votes.CLEAR else None
