"""OpenAI chats as most lines of a log hold them, many at a time: column by column instead of call by call.

What is usual is said by the types: msgspec refuses any other line, and `openai_chat.read` reads that one. Both find the
same in the same line.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, repeat
from operator import add, is_not, itemgetter
from typing import Annotated

import msgspec
import numpy as np

from costsim.formats.openai.rows import Choice, InputDetails, Message, OutputDetails, ResponseFormat, Usage, searches
from costsim.formats.openai.text import ROLES, fill_answer, length, plain_answer, role_and_text
from costsim.formats.shared import attached, envelope
from costsim.formats.shared.envelope import (
    NO_RAW,
    Columns,
    Envelope,
    Scalar,
    first_stated,
    first_true,
    silent,
    words,
    written,
)
from costsim.formats.shared.narrowed import Narrowed
from costsim.schema import Call, ManyCalls, Text, columns_of, stated


class _Request(msgspec.Struct, gc=False):
    messages: list[Message]
    body: None = None
    model: str | None = None
    tools: msgspec.Raw = NO_RAW
    functions: msgspec.Raw = NO_RAW
    response_format: ResponseFormat | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    user: Scalar = None
    safety_identifier: Scalar = None
    metadata: msgspec.Raw = NO_RAW


class _Usage(Usage, kw_only=True):
    prompt_tokens: int
    completion_tokens: int
    prompt_token_details: None = None
    cache_read_input_tokens: None = None
    cache_creation_input_tokens: None = None


class _Response(msgspec.Struct, gc=False):
    id: Annotated[str, msgspec.Meta(min_length=1)]
    usage: _Usage
    body: None = None
    error: None = None
    status_code: None = None
    created: float | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    service_tier: str | None = None


class _Line(Envelope, kw_only=True):
    request: _Request
    response: _Response
    response_text: None = None
    error: None = None
    custom_id: None = None


_lines = Narrowed(_Line)
_QUOTE = ord('"')
_NO_INPUT_DETAILS, _NO_OUTPUT_DETAILS = InputDetails(), OutputDetails()


def read_lines(lines: Sequence[bytes]) -> tuple[ManyCalls, list[int]]:
    """Return the calls of the usual lines, and which lines those are; each holds one call."""
    columns, places = _lines.columns(lines)
    return _calls(columns, len(places)), places


def _calls(lines: Columns, count: int) -> ManyCalls:
    requests, responses = columns_of(_Request, lines["request"]), columns_of(_Response, lines["response"])
    calls = ManyCalls(count, envelope.columns(lines, requests["metadata"], responses["created"]))
    _add_users(calls, requests)
    _add_failures(calls, envelope.failures(lines))
    calls.fields |= {
        "call_id": responses["id"],
        "model": [one or other for one, other in zip(responses["model"], requests["model"], strict=True)],
        "requested_model": requests["model"],
        "service_tier": responses["service_tier"],
        "max_output_tokens": first_true(requests, "max_completion_tokens", "max_tokens"),
        "temperature": requests["temperature"],
        "streamed": requests["stream"],
    }
    _add_usage(calls, responses["usage"])
    _add_forms_and_tools(calls, requests)
    modalities: list[str | None] = [None] * count
    _add_messages(calls, requests["messages"], modalities)
    _add_answers(calls, responses["choices"], modalities)
    calls.fields["modalities"] = modalities
    calls.fields = stated(calls.fields, calls.count)
    return calls


def _add_users(calls: ManyCalls, requests: Columns) -> None:
    """The request's own user, where the envelope names none."""
    users, others = words(requests["user"]), words(requests["safety_identifier"])
    if not silent(users) or not silent(others):
        all_three = zip(calls.fields["user"], users, others, strict=True)
        calls.fields["user"] = [of_line or user or other for of_line, user, other in all_three]


def _add_failures(calls: ManyCalls, failures: Sequence[str | None]) -> None:
    if not silent(failures):
        calls.fields["error_type"] = failures
        calls.fields["status"] = ["error" if failure else "ok" for failure in failures]


def _add_usage(calls: ManyCalls, usages: Sequence[_Usage]) -> None:
    columns = columns_of(_Usage, usages)
    into = [details or _NO_INPUT_DETAILS for details in columns["prompt_tokens_details"]]
    out = [details or _NO_OUTPUT_DETAILS for details in columns["completion_tokens_details"]]
    of_input, of_output = columns_of(InputDetails, into), columns_of(OutputDetails, out)
    calls.fields |= {
        "input_tokens": columns["prompt_tokens"],
        "output_tokens": _spoken(calls, usages, columns),
        "tokens_basis": ["logged"] * len(usages),
        "cache_read_tokens": _cached(of_input["cached_tokens"], columns),
        "cache_write_tokens": first_stated(
            of_input, "cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens"
        ),
        "audio_input_tokens": of_input["audio_tokens"],
        "image_input_tokens": of_input["image_tokens"],
        "reasoning_tokens": of_output["reasoning_tokens"],
        "audio_output_tokens": of_output["audio_tokens"],
    }
    if not silent(columns["cost"]) or not silent(columns["cost_in_usd_ticks"]):
        _add_charges(calls, usages)
    models = calls.fields["model"]
    if searching := {model for model in set(models) if searches(model)}:
        both = zip(calls.column("web_searches"), models, strict=True)
        calls.fields["web_searches"] = [1 if count is None and model in searching else count for count, model in both]


def _spoken(calls: ManyCalls, usages: Sequence[_Usage], columns: Columns) -> Sequence[int]:
    """The completion tokens, with what was reasoned where the total tells that it stands beside them."""
    totals = columns["total_tokens"]
    if silent(totals) or list(map(add, columns["prompt_tokens"], columns["completion_tokens"])) == [*totals]:
        return columns["completion_tokens"]
    return [each.spoken(model) or 0 for each, model in zip(usages, calls.fields["model"], strict=True)]


def _add_charges(calls: ManyCalls, usages: Sequence[_Usage]) -> None:
    """What OpenRouter charged, the searches in it, and that it was OpenRouter."""
    charged = [each.cost is not None for each in usages]
    tools = [each.server_tool_use_details if paid else None for each, paid in zip(usages, charged, strict=True)]
    calls.fields["reported_cost"] = [each.charged() for each in usages]
    calls.fields["web_searches"] = [None if each is None else each.web_search_requests for each in tools]
    known = zip(calls.fields["provider"], calls.fields["call_id"], charged, strict=True)
    calls.fields["provider"] = [
        "openrouter" if paid and (name or "").startswith("gen-") else provider for provider, name, paid in known
    ]


def _cached(stated: Sequence[int | None], usages: Columns) -> Sequence[int | None]:
    others = ("prompt_cache_hit_tokens", "num_cached_tokens", "cached_tokens")
    if all(silent(usages[name]) for name in others):
        return stated
    pairs = zip(stated, first_true(usages, *others), strict=True)
    return [one if one or other is None else other for one, other in pairs]


def _add_forms_and_tools(calls: ManyCalls, requests: Columns) -> None:
    calls.fields["wants_json"] = [None if form is None else form.is_json for form in requests["response_format"]]
    both = zip(requests["tools"], requests["functions"], strict=True)
    sizes = [0 if tools is functions is NO_RAW else length(tools) + length(functions) for tools, functions in both]
    calls.fields |= {"tool_definitions": sizes, "has_tools": [size > 0 for size in sizes]}


def _add_messages(calls: ManyCalls, messages: Sequence[list[Message]], modalities: list[str | None]) -> None:
    """Messages that are a text stay as they stand in the line; the others are looked at one by one."""
    flat = list(chain.from_iterable(messages))
    contents, called = written([each.content for each in flat]), [each.tool_calls for each in flat]
    texts: list[Text] = [*contents]
    calls.messages = list(map(len, messages))
    if odd := _odd(contents, called):
        ends = list(accumulate(calls.messages))
        for place in odd:
            seen = Call(modalities=modalities[call := bisect_right(ends, place)])
            _, texts[place] = role_and_text(flat[place], seen)
            modalities[call] = seen.modalities
        _add_attached(calls, messages, modalities)
    calls.roles, calls.texts = list(map(ROLES.get, [each.role for each in flat], repeat("user"))), texts


def _add_attached(calls: ManyCalls, messages: Sequence[list[Message]], modalities: list[str | None]) -> None:
    found: list[int | None] = [None] * calls.count
    for place in [place for place, kinds in enumerate(modalities) if kinds is not None]:
        found[place] = attached.fingerprint(message.content for message in messages[place])
    calls.fields["attached"] = found


def _odd(contents: Sequence[bytes], called: Sequence[msgspec.Raw]) -> list[int]:
    """Which messages are more, or less, than one text."""
    try:
        first = bytes(map(itemgetter(0), contents))
    except IndexError:  # of one that has no content at all
        first = bytes(content[0] if content else 0 for content in contents)
    odd = np.frombuffer(first, np.uint8) != _QUOTE
    if not silent(called, NO_RAW):
        odd |= np.frombuffer(bytes(map(is_not, called, repeat(NO_RAW))), np.bool_)
    return np.flatnonzero(odd).tolist()


def _add_answers(calls: ManyCalls, choices: Sequence[list[Choice] | None], modalities: list[str | None]) -> None:
    """Answers that are a text stay as they stand in the line; of the others, calls of tools are told apart."""
    answers: list[str | bytes | None] = [plain_answer(each) if each else None for each in choices]
    finishes = [each[0].finish_reason if each else None for each in choices]
    called = [False] * calls.count
    checks: list[str | None] = [None] * calls.count
    for place in [place for place, answer in enumerate(answers) if answer is None]:
        if each := choices[place]:
            seen = Call(modalities=modalities[place])
            fill_answer(seen, each)
            answers[place], finishes[place] = seen.answer, seen.finish_reason
            called[place], modalities[place] = seen.answer_has_tool_calls, seen.modalities
            checks[place] = seen.answer_check
    calls.fields |= {"answer": answers, "finish_reason": finishes, "answer_has_tool_calls": called}
    if not silent(checks):
        calls.fields["answer_check"] = checks
