"""LangSmith runs: as its API and exports give them, or as its SDKs send them, in two halves to be joined by id.

Runs of type llm are calls, embeddings too; chains and agents sum up what is inside them. Input tokens are the sum of
all kinds, cached ones included. `session_id` is LangSmith's word for a project; conversations are in the metadata.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.platforms import langsmith_outputs
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import tags_of, value_of
from costsim.formats.shared.cells import opened, plain, reason
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar, word
from costsim.formats.shared.halves import Begun, joined_rows, on_its_own, states
from costsim.formats.shared.kept_request import request_in
from costsim.formats.shared.numbers import trillionths, whole
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.spans import Span, each_once
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import Counts, counts_of, put
from costsim.schema import Call

NAME = "langsmith"
ABOUT = "LangSmith: runs (`run_type`, `dotted_order`), exported or as the SDKs send them (`post` and `patch`)"
NESTS = True

_OPERATIONS = {"llm": "chat", "embedding": "embedding"}
_CONVERSATIONS = ("session_id", "thread_id", "conversation_id")
_USERS = ("user_id", "user", "langfuse_user_id")
_ROUTES = ("route", "workflow", "feature", "langgraph_node")
_OWN_METADATA = ("ls_", "lc_", "langgraph_", "checkpoint", "LANGSMITH_", "LANGCHAIN_", "__")
_NO_TAGS = frozenset({*_CONVERSATIONS, *_USERS, "usage_metadata", "revision_id", "created_by", "run_id"})
_BESIDE = frozenset({"dotted_order", "trace_id", "session_name", "start_time", "inputs", "total_tokens"})
_MOST_NESTED = 16


class Run(msgspec.Struct, gc=False):
    """One run, or the half of one."""

    id: str | None = None
    trace_id: str | None = None
    parent_run_id: str | None = None
    dotted_order: str | None = None
    name: str | None = None
    run_type: str | None = None
    start_time: Number = None
    end_time: Number = None
    first_token_time: Number = None
    status: str | None = None
    error: Any = None
    inputs: msgspec.Raw = NO_RAW
    outputs: msgspec.Raw = NO_RAW
    extra: msgspec.Raw = NO_RAW
    tags: Any = None
    session_name: str | None = None
    prompt_tokens: Number = None
    completion_tokens: Number = None
    total_tokens: Number = None
    prompt_token_details: Any = None
    completion_token_details: Any = None
    total_cost: Number = None
    child_runs: "list[Run] | None" = None


class Sent(Run, gc=False):
    """What the SDKs send: beginnings, and what is known when the runs end."""

    post: list[Run] | None = None
    patch: list[Run] | None = None
    runs: list[Run] | None = None
    """Of a page of the API."""


_sent = TolerantDecoder(Sent).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a run, or halves of runs on their way."""
    if any(_is_half(half) for name in ("post", "patch", "runs") for half in _listed(record.get(name))):
        return True
    return "run_type" in record and not _BESIDE.isdisjoint(record)


def _listed(value: Any) -> list[Any]:
    return value[:1] if isinstance(value, list) else []


def _is_half(half: Any) -> bool:
    return isinstance(half, dict) and ("dotted_order" in half or "run_type" in half)


def read(record: bytes) -> list[Call]:
    """Return the calls among the runs of a record, each once."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that joins the halves of a run in whatever records they stand."""
    begun: Begun[Run] = Begun()

    def read_in_order(record: bytes) -> list[Call]:
        sent = _sent(record)
        halves = sent.post or sent.patch
        runs = _joined(sent.post or [], sent.patch or []) if halves else sent.runs or [sent]
        return _calls([_with_its_begin(run, begun) for run in runs])

    return read_in_order


def _with_its_begin(run: Run, begun: Begun[Run]) -> Run:
    """A run with what an earlier record said of it; one that has only begun is remembered."""
    name = _name(run)
    if (known := begun.get(name)) is not None:
        run = joined_rows(known, run)
    if run.end_time is None and not states(run.outputs) and name:
        begun.keep(name, run, on_its_own(run))
    elif known is not None:
        begun.forget(name)
    return run


def _calls(told: list[Run]) -> list[Call]:
    runs = list(_flat(told, 0))
    spans = [Span(_call(run), run.id, run.parent_run_id) for run in runs if _operation(run)]
    if not spans:
        return []
    return each_once(spans, {run.id: run.parent_run_id for run in runs if run.id is not None})


def _joined(posts: list[Run], patches: list[Run]) -> list[Run]:
    """The runs of both halves; what the patch says goes before, and some SDKs name a run by its order only."""
    runs = {_name(run): run for run in posts}
    for patch in patches:
        run = runs.setdefault(_name(patch), patch)
        for field in Run.__struct_fields__:
            if _says_something(later := getattr(patch, field)):
                setattr(run, field, later)
    return list(runs.values())


def _says_something(value: Any) -> bool:
    if isinstance(value, msgspec.Raw):
        return bytes(value) not in (b"", b"null", b"{}", b"[]")
    return value not in (None, {}, [])


def _name(run: Run) -> str:
    return run.dotted_order or run.id or ""


def _flat(runs: list[Run], depth: int) -> Any:
    for run in runs:
        yield run
        if run.child_runs and depth < _MOST_NESTED:
            yield from _flat(run.child_runs, depth + 1)


def _operation(run: Run) -> str | None:
    if run.run_type is not None:
        return _OPERATIONS.get(run.run_type.lower())
    if _metadata(_extra(run)).get("ls_model_type") in ("chat", "llm"):
        return "chat"
    outputs = value_of(run.outputs)  # of a run of which only the end is there: what models alone answer
    return "chat" if isinstance(outputs, dict) and "generations" in outputs else None


def _extra(run: Run) -> dict[str, Any]:
    """What the integration says of a run beside what it took and gave: metadata, and the parameters of the request."""
    found = value_of(run.extra)
    return found if isinstance(found, dict) else {}


def _metadata(extra: dict[str, Any]) -> dict[str, Any]:
    found = extra.get("metadata")
    return found if isinstance(found, dict) else {}


def _call(run: Run) -> Call:
    inputs, messages = request_in(run.inputs)
    extra, outputs = _extra(run), langsmith_outputs.outputs_of(run.outputs)
    metadata, asked = _metadata(extra), _asked(inputs, extra)
    call = Call(
        call_id=run.id or run.dotted_order,
        provider=provider_named(plain(metadata.get("ls_provider"))),
        model=langsmith_outputs.served(outputs) or plain(metadata.get("ls_model_name")) or plain(asked.get("model")),
        requested_model=plain(asked.get("model")) or plain(metadata.get("ls_model_name")),
        operation=_operation(run) or "chat",
        trace_id=run.trace_id,
        parent_id=run.parent_run_id,
    )
    _fill_times(call, run)
    _fill_usage(call, run, outputs, metadata)
    _fill_outcome(call, run)
    _fill_who(call, run, metadata)
    kept_text.fill_parameters(call, asked)
    kept_text.fill(call, inputs, langsmith_outputs.answer(outputs), messages)
    call.finish_reason = call.finish_reason or langsmith_outputs.finish(outputs)
    return call


def _asked(inputs: Any, extra: dict[str, Any]) -> dict[str, Any]:
    """The parameters of the request, wherever the integration keeps them."""
    given = extra.get("invocation_params")
    found = {**given} if isinstance(given, dict) else {}
    found["model"] = found.get("model") or found.get("model_name")
    return {**found, **inputs} if isinstance(inputs, dict) and inputs.get("model") else found


def _fill_times(call: Call, run: Run) -> None:
    start, end, first = microseconds(run.start_time), microseconds(run.end_time), microseconds(run.first_token_time)
    call.started_at = start = start if start is not None else _ordered_at(run.dotted_order)
    if start is not None and end is not None and end >= start:
        call.duration_ms = (end - start) / 1000
    if start is not None and first is not None and first >= start:
        call.time_to_first_token_ms = (first - start) / 1000


def _ordered_at(order: str | None) -> int | None:
    """When a run began, by its own part of the order, which the half of a run that tells of its end has too."""
    return microseconds((order or "").rpartition(".")[2].partition("Z")[0])


def _fill_usage(call: Call, run: Run, outputs: dict[str, Any], metadata: dict[str, Any]) -> None:
    found = _counts(run, outputs, metadata)
    if found is not None:
        put(call, found)
    call.reported_cost = trillionths(run.total_cost)
    usage = outputs.get("usage_metadata")
    if call.reported_cost is None and isinstance(usage, dict):
        call.reported_cost = trillionths(usage.get("total_cost"))


def _counts(run: Run, outputs: dict[str, Any], metadata: dict[str, Any]) -> Counts | None:
    if (found := langsmith_outputs.counts(outputs, metadata)) is not None:
        return found
    row = {"input_tokens": whole(run.prompt_tokens), "output_tokens": whole(run.completion_tokens)}
    if not any(row.values()):
        return None  # 0 is what the API gives for a run without usage
    inside, outcome = opened(run.prompt_token_details), opened(run.completion_token_details)
    details = {"input_token_details": inside, "output_token_details": outcome, "total_tokens": whole(run.total_tokens)}
    return counts_of({**row, **details})


def _fill_outcome(call: Call, run: Run) -> None:
    if run.status == "error" or run.error:
        said = reason(run.error if isinstance(run.error, dict) else str(run.error or ""))
        call.status, call.error_type = "error", (said or "error").partition("(")[0] or "error"
        call.billed = bool(call.input_tokens or call.output_tokens)


def _fill_who(call: Call, run: Run, metadata: dict[str, Any]) -> None:
    call.conversation_id = _word(metadata, _CONVERSATIONS)
    call.user = _word(metadata, _USERS)
    project = run.session_name if run.session_name != "default" else None
    call.route = _word(metadata, _ROUTES) or project or None
    said = {name: each for name, each in metadata.items() if isinstance(each, str | int | float | bool)}
    own = {name: each for name, each in said.items() if name not in _NO_TAGS and not name.startswith(_OWN_METADATA)}
    call.tags = tags_of(own, opened(run.tags)) or None


def _word(metadata: dict[str, Any], names: tuple[str, ...]) -> str | None:
    values: list[Scalar] = [metadata[name] for name in names if isinstance(metadata.get(name), str | int)]
    return next((text for value in values if (text := word(value))), None)
