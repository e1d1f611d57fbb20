"""Servers that speak OpenAI's shape with dialects of their own, and the native ones of Cohere and Ollama."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.openai import chat as openai_chat
from costsim.formats.providers import cohere, ollama
from costsim.formats.shared.hosts import provider_at
from costsim.schema import Call, answer_of, text_of

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
COHERE: dict[str, Any] = {
    "id": "c-1",
    "finish_reason": "COMPLETE",
    "message": {"role": "assistant", "content": [{"type": "text", "text": "Hello."}]},
    "usage": {
        "billed_units": {"input_tokens": 20, "output_tokens": 3},
        "tokens": {"input_tokens": 90, "output_tokens": 4},
        "cached_tokens": 80,
    },
}
OLLAMA: dict[str, Any] = {
    "model": "llama3",
    "created_at": "2026-05-01T09:00:00Z",
    "message": {"role": "assistant", "content": "Hello."},
    "done": True,
    "done_reason": "stop",
    "total_duration": 2_000_000,
    "prompt_eval_count": 20,
    "eval_count": 3,
}


def read(record: dict[str, Any], log_format: Any) -> Call:
    claimed: Any = detect(record, "a.jsonl")
    assert claimed is log_format
    (call,) = claimed.read(json.dumps(record).encode())
    assert isinstance(call, Call)
    return call


def events(*payloads: dict[str, Any]) -> str:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in payloads)


@pytest.mark.parametrize(
    "cached",
    [
        {"prompt_cache_hit_tokens": 60},
        {"num_cached_tokens": 60, "prompt_tokens_details": {"cached_tokens": 60}},
        {"num_cached_tokens": 60, "prompt_tokens_details": {"cached_tokens": 0}},
        {"cached_tokens": 60},
    ],
)
def test_cached_tokens_have_many_names_and_are_counted_once(cached: dict[str, Any]) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 5, **cached}
    call = read(
        {"request": {"model": "m", "messages": MESSAGES}, "response": {"choices": [], "usage": usage}}, openai_chat
    )
    assert (call.input_tokens, call.cache_read_tokens) == (100, 60)


def test_a_stream_may_hold_its_usage_beside_it_and_its_text_twice() -> None:
    chunk = {"id": "x", "object": "chat.completion.chunk", "model": "m"}
    text = events(
        chunk | {"choices": [{"text": "Hello.", "delta": {"reasoning": "Hm. ", "content": "Hello."}}]},
        chunk | {"choices": [], "x_groq": {"usage": {"prompt_tokens": 20, "completion_tokens": 3}}},
    )
    call = read({"request": {"model": "m", "messages": MESSAGES}, "response_text": text}, openai_chat)
    assert (answer_of(call), call.input_tokens, call.output_tokens) == ("Hm. Hello.", 20, 3)


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://router.huggingface.co/together/v1/chat/completions", "huggingface_together"),
        ("https://router.huggingface.co/v1/chat/completions", "huggingface"),
        ("http://gpu-box:11434/v1/chat/completions", "ollama"),
        ("https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions", "bedrock_mantle"),
        ("http://localhost:8000/v1/chat/completions", None),
    ],
)
def test_an_address_tells_who_is_paid(url: str, provider: str | None) -> None:
    assert provider_at(url) == provider


@pytest.mark.parametrize(
    "record",
    [
        {"uri": "https://api.cohere.com/v2/chat", "request": {"model": "m", "messages": MESSAGES}, "response": COHERE},
        {"request": {"model": "m", "messages": MESSAGES}, "response": COHERE},
        {"model": "m", "messages": MESSAGES, **COHERE},
        {
            "url": "https://api.cohere.com/v1/chat",
            "request": {"model": "m", "preamble": "Be brief.", "message": "Hi"},
            "response": {"response_id": "c-1", "text": "Hello.", "finish_reason": "COMPLETE", "meta": COHERE["usage"]},
        },
        {
            "uri": "https://api.cohere.com/v2/chat",
            "request": {"model": "m", "messages": MESSAGES},
            "response_text": events(
                {"id": "c-1", "type": "message-start"},
                {"type": "content-delta", "delta": {"message": {"content": {"text": "Hello."}}}},
                {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": COHERE["usage"]}},
            ),
        },
    ],
)  # fmt: skip
def test_cohere_bills_its_units_and_not_the_template_around_the_prompt(record: dict[str, Any]) -> None:
    call = read(record, cohere)
    assert (call.call_id, call.model, call.provider) == ("c-1", "m", "cohere")
    assert (call.input_tokens, call.cache_read_tokens, call.output_tokens) == (20, None, 3)
    assert (answer_of(call), call.finish_reason) == ("Hello.", "COMPLETE")
    assert [(message[0], text_of(message)) for message in call.messages or ()] == [
        ("system", "Be brief."),
        ("user", "Hi"),
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"uri": "http://x:11434/api/chat", "request": {"model": "llama3", "messages": MESSAGES}, "response": OLLAMA},
        {
            "uri": "http://x:11434/api/generate",
            "request": {"model": "llama3", "system": "Be brief.", "prompt": "Hi"},
            "response": {**OLLAMA, "message": None, "response": "Hello."},
        },
        {"messages": MESSAGES, **OLLAMA},
        {
            "uri": "http://x:11434/api/chat",
            "request": {"model": "llama3", "messages": MESSAGES},
            "response_text": "\n".join(
                json.dumps(each)
                for each in (
                    {"model": "llama3", "message": {"content": "Hel"}, "done": False},
                    {**OLLAMA, "message": {"content": "lo."}},
                )
            ),
        },
    ],
)  # fmt: skip
def test_a_model_of_ones_own_costs_nothing_and_its_tokens_are_known(record: dict[str, Any]) -> None:
    call = read(record, ollama)
    assert (call.model, call.provider, call.billed, call.status) == ("llama3", "ollama", False, "ok")
    assert (call.input_tokens, call.output_tokens, call.duration_ms) == (20, 3, 2)
    assert (answer_of(call), call.started_at) == ("Hello.", 1777626000000000)
    assert [(message[0], text_of(message)) for message in call.messages or ()] == [
        ("system", "Be brief."),
        ("user", "Hi"),
    ]


def test_one_chunk_of_a_stream_is_no_call() -> None:
    assert ollama.read(json.dumps(OLLAMA | {"done": False}).encode()) == []
