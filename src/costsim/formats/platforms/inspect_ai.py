"""Logs of inspect_ai evaluations: `.json`, and `.eval`, which is a zip of a file for each sample.

Calls are the events of a model; answers from inspect's own cache are not billed. A sample without events states what it
used by model. What a sample scored is the quality of its calls.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import chat_text, tool_calls
from costsim.formats.shared.envelope import NO_RAW, Scalar
from costsim.formats.shared.numbers import inclusive_total, real
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "inspect-ai"
ABOUT = "inspect_ai evaluations: `.json` with `eval` and `samples`, `.eval` archives; scores become `quality`"

_OF_A_SAMPLE = ("id", "epoch", "input", "target")
_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""Correct, partly so, incorrect, no answer."""
_PROVIDERS = {"grok": "xai", "hf": "huggingface", "azureai": "azure_ai", "vertex": "vertex_ai", "google": "google"}


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_cache_read: int | None = None
    input_tokens_cache_write: int | None = None
    reasoning_tokens: int | None = None


class _Said(msgspec.Struct, gc=False):
    content: Any = None
    tool_calls: list[Any] | None = None


class _Choice(msgspec.Struct, gc=False):
    message: _Said | None = None
    stop_reason: str | None = None


class _Output(msgspec.Struct, gc=False):
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    time: float | None = None
    error: Any = None


class _Config(msgspec.Struct, gc=False):
    max_tokens: int | None = None
    temperature: float | None = None
    response_schema: Any = None


class _RawAnswer(msgspec.Struct, gc=False):
    service_tier: str | None = None


class _RawCall(msgspec.Struct, gc=False):
    response: _RawAnswer | None = None


class _Event(msgspec.Struct, gc=False):
    event: str | None = None
    uuid: str | None = None
    timestamp: str | None = None
    working_time: float | None = None
    model: str | None = None
    role: str | None = None
    input: Any = None
    tools: list[Any] | None = None
    config: _Config | None = None
    output: _Output | None = None
    call: _RawCall | None = None
    error: Any = None
    retries: int | None = None
    cache: str | None = None
    pending: bool | None = None


class _Kind(msgspec.Struct, gc=False):
    event: str | None = None


class _Transcript(msgspec.Struct, gc=False):
    events: list[msgspec.Raw] | None = None


class _Sample(msgspec.Struct, gc=False):
    id: Scalar = None
    epoch: int | None = None
    uuid: str | None = None
    messages: msgspec.Raw = NO_RAW
    output: _Output | None = None
    scores: dict[str, Any] | None = None
    model_usage: dict[str, _Usage] | None = None
    events: list[msgspec.Raw] | None = None
    transcript: _Transcript | None = None
    started_at: str | None = None


class _Settings(msgspec.Struct, gc=False):
    log_samples: bool | None = None

    @property
    def is_bare(self) -> bool:
        """Whether the log was written without samples; the beginning of an archive has none either."""
        return self.log_samples is False


class _Eval(msgspec.Struct, gc=False):
    task: str | None = None
    run_id: str | None = None
    created: str | None = None
    model: str | None = None
    config: _Settings | None = None


class _Stats(msgspec.Struct, gc=False):
    started_at: str | None = None
    model_usage: dict[str, _Usage] | None = None


class _Log(_Sample):
    eval: _Eval | None = None
    samples: list[_Sample] | None = None
    stats: _Stats | None = None


_log = TolerantDecoder(_Log).decode
_kind = TolerantDecoder(_Kind).decode
_event = TolerantDecoder(_Event).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a log, or a file inside an archive of one: its beginning, a sample, a summary."""
    evaluated = record.get("eval")
    if isinstance(evaluated, dict) and ("plan" in record or "status" in record or "task" in evaluated):
        return True
    if all(name in record for name in _OF_A_SAMPLE):
        return True
    return "scorer" in record and isinstance(record.get("samples"), list)


def read(record: bytes) -> list[Call]:
    """Return the calls of a log, or of one of its samples."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one log; in an archive, the file that names the task comes first."""
    return _Reader().read


class _Reader:
    """One log, file by file where it is an archive."""

    def __init__(self) -> None:
        self._eval = _Eval()

    def read(self, record: bytes) -> list[Call]:
        log = _log(record)
        if log.eval is not None:
            self._eval = log.eval
        samples = log.samples or []
        if log.messages is not NO_RAW:
            samples = [log]
        calls = [call for sample in samples for call in self._of_sample(sample)]
        is_all = bool(samples) or (log.eval is not None and log.eval.config is not None and log.eval.config.is_bare)
        if not calls and is_all and log.stats is not None:
            return list(self._of_totals(log.stats.model_usage, "stats", log.stats.started_at, None))
        return calls

    def _of_sample(self, sample: _Sample) -> list[Call]:
        """The calls that a sample's events tell of; without any, what it says that it used."""
        events = sample.events or (sample.transcript.events if sample.transcript is not None else None) or []
        scored = _quality(sample.scores)
        place = sample.uuid or f"{self._eval.run_id or ''}/{sample.id}/{sample.epoch}"
        found = []
        for number, raw in enumerate(events):
            if b'"model"' in bytes(raw)[:4096] and _kind(bytes(raw)).event == "model":
                event = _event(bytes(raw))
                if not event.pending:
                    found.append(self._of_event(event, f"{place}/{number}", place, scored))
        if found:
            return found
        usage = sample.model_usage
        if not usage and sample.output is not None and sample.output.usage is not None:
            usage = {self._eval.model or sample.output.model or "": sample.output.usage}
        return list(self._of_totals(usage, place, sample.started_at, scored))

    def _of_event(self, event: _Event, place: str, sample: str, scored: float | None) -> Call:
        output, config = event.output or _Output(), event.config or _Config()
        call = self._call(event.model, sample, event.timestamp, scored)
        raw = event.call.response if event.call is not None and event.call.response is not None else _RawAnswer()
        call.call_id = event.uuid or f"{event.timestamp}/{place}"  # a local model's own ids come again
        call.service_tier = raw.service_tier
        if output.model:
            call.model = output.model.rpartition("/")[2] if "/" in (event.model or "") else output.model
        seconds = event.working_time if event.working_time is not None else output.time
        call.duration_ms = None if seconds is None else seconds * 1000
        call.route = event.role or call.route
        call.max_output_tokens, call.temperature = config.max_tokens, config.temperature
        call.wants_json, call.has_tools = config.response_schema is not None, bool(event.tools)
        call.attempt = event.retries + 1 if event.retries else None
        call.messages = chat_text.messages_in(event.input, call) if event.input else None
        choice = output.choices[0] if output.choices else _Choice()
        call.finish_reason = choice.stop_reason
        if choice.message is not None:
            call.answer = chat_text.text_in(choice.message.content)
            call.answer_has_tool_calls = bool(choice.message.tool_calls)
            call.answer_check = tool_calls.check_plain(choice.message.tool_calls)
        if output.usage is not None:
            _fill(call, output.usage)
        if event.error or output.error:
            call.status, call.error_type, call.billed = "error", "error", output.usage is not None
        if event.cache == "read":
            call.billed = False
        return call

    def _of_totals(
        self, usage: dict[str, _Usage] | None, place: str, when: str | None, scored: float | None
    ) -> Iterator[Call]:
        for model, counts in (usage or {}).items():
            call = self._call(model or None, place, when or self._eval.created, scored)
            call.call_id = f"{self._eval.run_id or ''}/{place}/{model}"
            _fill(call, counts)
            yield call

    def _call(self, model: str | None, sample: str, when: str | None, scored: float | None) -> Call:
        provider, mark, name = (model or "").partition("/")
        return Call(
            provider=_PROVIDERS.get(provider, provider) if mark else None,
            model=(name if mark else model) or None,
            requested_model=(name if mark else model) or None,
            conversation_id=sample,
            trace_id=self._eval.run_id,
            started_at=microseconds(when),
            route=self._eval.task,
            quality=scored,
        )


def _fill(call: Call, usage: _Usage) -> None:
    """Fill in the counts; whether the input holds what a cache held changed over time, and the total tells."""
    if usage.input_tokens is None and usage.output_tokens is None:
        return
    said, read, written = usage.output_tokens or 0, usage.input_tokens_cache_read, usage.input_tokens_cache_write
    cached = (read or 0) + (written or 0)
    call.input_tokens = inclusive_total(usage.input_tokens or 0, cached, said, usage.total_tokens, includes=False)
    call.cache_read_tokens, call.cache_write_tokens = read, written
    call.output_tokens, call.reasoning_tokens = said, usage.reasoning_tokens
    call.tokens_basis = "logged"


def _quality(scores: dict[str, Any] | None) -> float | None:
    """What the first scorer says that can be understood: a letter, a number or a truth."""
    for score in (scores or {}).values():
        value = score.get("value") if isinstance(score, dict) else score
        if isinstance(value, bool):
            return float(value)
        found = _LETTERS.get(value) if isinstance(value, str) else real(value)
        if found is not None:
            return found
    return None
