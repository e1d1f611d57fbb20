"""Log formats: what one format looks like, and nothing about prices, tasks or policies.

Rooms by who writes the logs; `shared` is what formats are made of, `wrapped` opens what others put around them. To add
one: a module with the four names of `contract.LogFormat`, a line in `FORMATS`, a sample and its expected calls.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import msgspec

from costsim.errors import LogError
from costsim.formats.agents import (
    agent_messages,
    agent_transcripts,
    claude_code,
    codex,
    copilot_cli,
    gemini_cli,
    kimi,
    managed_agents,
    openai_agents,
    opencode,
    qwen_code,
)
from costsim.formats.anthropic import batch as anthropic_batch
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.bedrock import log as bedrock_log
from costsim.formats.bedrock import runtime as bedrock
from costsim.formats.contract import LogFormat, as_ending, as_session
from costsim.formats.google import gemini, vertex_log
from costsim.formats.openai import batch as openai_batch
from costsim.formats.openai import chat as openai_chat
from costsim.formats.openai import media as openai_media
from costsim.formats.openai import responses as openai_responses
from costsim.formats.otel import otel
from costsim.formats.platforms import (
    ai_sdk,
    braintrust,
    helicone,
    inspect_ai,
    langchain,
    langfuse,
    langfuse_events,
    langsmith,
    litellm,
    mlflow,
    new_relic,
    openrouter,
    portkey,
    simonw_llm,
    weave,
    weave_events,
)
from costsim.formats.providers import azure_log, cohere, ollama
from costsim.formats.shared.attributes import encoded
from costsim.formats.tables import generic
from costsim.formats.workloads import coding_traces, request_traces
from costsim.formats.wrapped import events, rearranged, response_events, spelling, wrappers
from costsim.schema import Call

FORMATS: dict[str, LogFormat] = {
    openai_chat.NAME: openai_chat,
    openai_responses.NAME: openai_responses,
    openai_media.NAME: openai_media,
    openai_batch.NAME: openai_batch,
    anthropic_messages.NAME: anthropic_messages,
    anthropic_batch.NAME: anthropic_batch,
    azure_log.NAME: azure_log,
    gemini.NAME: gemini,
    bedrock.NAME: bedrock,
    bedrock_log.NAME: bedrock_log,
    cohere.NAME: cohere,
    ollama.NAME: ollama,
    vertex_log.NAME: vertex_log,
    litellm.NAME: litellm,
    claude_code.NAME: claude_code,
    managed_agents.NAME: managed_agents,
    openai_agents.NAME: openai_agents,
    codex.NAME: codex,
    gemini_cli.NAME: gemini_cli,
    qwen_code.NAME: qwen_code,
    opencode.NAME: opencode,
    copilot_cli.NAME: copilot_cli,
    kimi.NAME: kimi,
    agent_messages.NAME: agent_messages,
    agent_transcripts.NAME: agent_transcripts,
    inspect_ai.NAME: inspect_ai,
    simonw_llm.NAME: simonw_llm,
    request_traces.NAME: request_traces,
    coding_traces.NAME: coding_traces,
    otel.NAME: otel,
    langfuse.NAME: langfuse,
    langfuse_events.NAME: langfuse_events,
    langsmith.NAME: langsmith,
    langchain.NAME: langchain,
    ai_sdk.NAME: ai_sdk,
    mlflow.NAME: mlflow,
    new_relic.NAME: new_relic,
    openrouter.NAME: openrouter,
    braintrust.NAME: braintrust,
    helicone.NAME: helicone,
    portkey.NAME: portkey,
    weave.NAME: weave,
    weave_events.NAME: weave_events,
    generic.NAME: generic,
}

_DEEPEST = 6
"""Wrappers around wrappers that are opened."""


def claimants(record: dict[str, Any]) -> list[LogFormat]:
    """Return the named formats that claim the record: none, one, or by mistake more.

    Where none claims it as it stands, they are asked about what is inside it (see `wrappers` and `rearranged`).
    """
    found = _claimants(record)
    return found or next((claims for inner in _within(record) if (claims := _claimants(inner))), [])


def _claimants(record: dict[str, Any]) -> list[LogFormat]:
    return [each for name, each in FORMATS.items() if name != generic.NAME and each.claims(record)]


def _within(record: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """What may be the record proper, the outer before the inner."""
    if (exchange := rearranged.usual(record)) is not None:
        yield exchange
    if (spelled := spelling.in_snake_case(record)) is not None:
        yield spelled
    for inner in chain(wrappers.held(record), wrappers.listed(record)) if depth < _DEEPEST else ():
        yield inner
        yield from _within(inner, depth + 1)


def detect(record: dict[str, Any], where: str) -> LogFormat | None:
    """Return the one format that claims the record, None where none does; LogError where two do.

    The generic format guesses at columns, so it is asked only about what no named format claims.
    """
    words = _words(record)
    if words is not None and words in _nobodys:
        return None
    found = _detected(record, where)
    if found is None and words is not None:
        if len(_nobodys) >= _MOST_NOBODYS:
            _nobodys.clear()
        _nobodys.add(words)
    return found


_Words = tuple[tuple[str, type, Any], ...]


def _words(record: dict[str, Any]) -> _Words | None:
    """A record of a few short words and numbers, of which large ones tell nothing; None for any other."""
    if len(record) > _FEW:
        return None
    found: list[tuple[str, type, Any]] = []
    for name, value in record.items():
        kind = value.__class__
        if kind is dict or kind is list or (kind is str and len(value) > _SHORT):
            return None
        found.append((name, kind, None if kind is int and abs(value) >= _SMALL else value))
    return tuple(found)


_nobodys: set[_Words] = set()
"""Records in a few words that no format claims: what a server says between its calls, again and again."""
_MOST_NOBODYS, _FEW, _SHORT, _SMALL = 1024, 12, 64, 1000


def _detected(record: dict[str, Any], where: str) -> LogFormat | None:
    claims = claimants(record)
    if len(claims) > 1:
        names = " and ".join(each.NAME for each in claims)
        raise LogError(f"both {names} claim it", where=where, hint="choose one with --log-format")
    if claims:
        return claims[0]
    if no_calls(record) is not None:
        return None
    if generic.claims(record) or any(generic.claims(inner) for inner in wrappers.held(record)):
        return generic
    return None


_SUMS = {
    "resourceMetrics": "holds OpenTelemetry metrics: sums of tokens, and not the calls",
    "num_model_requests": "holds a provider's usage report: sums over many calls, and not the calls",
    "uncached_input_tokens": "holds a provider's usage report: sums over many calls, and not the calls",
}
"""Names that tell of what is no log, but may be taken for one."""


def no_calls(record: dict[str, Any], depth: int = 0) -> str | None:
    """Return what a record is that holds sums over calls; None where it is nothing of the kind."""
    if (name := next((each for each in _SUMS if each in record), None)) is not None:
        return _SUMS[name]
    listed = (record[name] for name in ("data", "results") if isinstance(record.get(name), list))
    inner = (each[0] for each in listed if each and isinstance(each[0], dict))
    return next((said for each in inner if (said := no_calls(each, depth + 1))), None) if depth < _DEEPEST else None


def reader(log_format: LogFormat) -> Callable[[bytes], list[Call]]:
    """Return a function like `read` of a format, which also reads records that something is wrapped around.

    Events of a stream that stand in a line each are read as one when the stream has come to its usage. What is broken
    is so for the format too: it raises what `read` raises.
    """
    return reader_and_rest(log_format)[0]


def reader_and_rest(log_format: LogFormat) -> tuple[Callable[[bytes], list[Call]], Callable[[], list[Call]]]:
    """Return the `reader` of a format for the records of one file, and what returns, after the last, what is left.

    That are calls of which a part was read when the file ended, each counted with what is known of it.
    """
    if (ends := as_ending(log_format)) is not None:
        return ends.session_and_rest()
    if (session_format := as_session(log_format)) is not None:
        return session_format.session(), list

    stream = events.Events(log_format.read)
    chunks = events.Chunks() if log_format.NAME == gemini.NAME else None
    chats = events.ChatChunks(log_format.read) if log_format.NAME == openai_chat.NAME else None
    responses = response_events.ResponseEvents(log_format.read) if log_format.NAME == openai_responses.NAME else None
    is_of_openai = log_format.NAME.startswith("openai")

    def read(record: bytes) -> list[Call]:
        calls = log_format.read(record)
        if stream.awaited or events.may_go_on(calls):
            calls = stream.joined(record, calls)
        if responses is not None and (of_stream := responses.joined(record, calls)) is not None:
            return of_stream
        if is_of_openai and calls and calls[0].tokens_basis is None and spelling.may_be(record):
            return _read_spelled(log_format, record) or calls
        if chunks is not None:
            calls = chunks.joined(record, calls)
        if chats is not None and (not calls or chats.kept):
            calls = chats.joined(record, calls)
        if calls or not wrappers.may_wrap(record):
            return calls
        plain = msgspec.json.decode(record)
        return _read_within(log_format, plain) if isinstance(plain, dict) else []

    def rest() -> list[Call]:
        return [call for each in (stream, chunks, chats, responses) if each is not None for call in each.rest()]

    return read, rest


def _read_spelled(log_format: LogFormat, record: bytes) -> list[Call]:
    plain = msgspec.json.decode(record)
    spelled = spelling.in_snake_case(plain) if isinstance(plain, dict) else None
    return log_format.read(encoded(spelled)) if spelled is not None else []


def _read_within(log_format: LogFormat, record: dict[str, Any], depth: int = 0) -> list[Call]:
    """The calls of what is inside a record: of all that is listed there, else of the first that is held there at all.

    A logger may write one record twice, as an object and as text.
    """
    exchange = rearranged.usual(record)
    if exchange is not None and log_format.claims(exchange) and (calls := log_format.read(encoded(exchange))):
        return calls
    if (spelled := spelling.in_snake_case(record)) is not None and log_format.claims(spelled):
        return log_format.read(encoded(spelled))
    if depth > _DEEPEST:
        return []
    if calls := [call for inner in wrappers.listed(record) for call in _read_inner(log_format, inner, depth)]:
        return calls
    return next((calls for inner in wrappers.held(record) if (calls := _read_inner(log_format, inner, depth))), [])


def _read_inner(log_format: LogFormat, inner: dict[str, Any], depth: int) -> list[Call]:
    calls = log_format.read(encoded(inner)) if log_format.claims(inner) else []
    return calls or _read_within(log_format, inner, depth + 1)
