"""The envelope that people's loggers put around a call: when, who, which route, which tags; and whose address
it is.
"""

import json
from typing import Any

import pytest

from costsim.formats.openai import chat as openai_chat
from costsim.formats.shared.envelope import flat_tags
from costsim.formats.shared.hosts import provider_at
from costsim.schema import Call

ANSWER = {"object": "chat.completion", "model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


def logged(**around: Any) -> Call:
    (call,) = openai_chat.read(json.dumps({"request": {"model": "m"}, "response": ANSWER, **around}).encode())
    return call


@pytest.mark.parametrize(
    "name",
    [
        "timestamp",
        "time",
        "ts",
        "@timestamp",
        "created_at",
        "started_at",
        "start_time",
        "startTime",
        "logged_at",
    ],
)
def test_the_time_goes_by_many_names(name: str) -> None:
    assert logged(**{name: "2023-11-16T18:15:46Z"}).started_at == 1700158546000000


def test_the_date_header_is_the_last_resort() -> None:
    headers = {"date": "Thu, 16 Nov 2023 18:15:46 GMT"}
    assert logged(response_headers=headers).started_at == 1700158546000000
    assert logged(response_headers=headers, ts=1700000000).started_at == 1700000000000000
    assert logged(response_headers={"date": ["Thu"]}).started_at is None


@pytest.mark.parametrize("name", ["route", "workflow", "feature", "endpoint"])
def test_the_route_goes_by_many_names(name: str) -> None:
    assert logged(**{name: "/support"}).route == "/support"


def test_ids_may_be_numbers() -> None:
    call = logged(user_id=7, session_id=8, trace_id=9, parent_id="x")
    assert (call.user, call.conversation_id, call.trace_id, call.parent_id) == ("7", "8", "9", "x")


def test_a_duration_of_zero_is_known() -> None:
    call = logged(duration_ms=0, latency_ms=5, ttft_ms=0)
    assert (call.duration_ms, call.time_to_first_token_ms) == (0, 0)


def test_tags_from_every_place_are_joined() -> None:
    call = logged(metadata={"release": 7, "empty": ""}, tags=["prod", "tier:gold"], team="search", environment="eu")
    assert call.tags == {
        "release": "7",
        "prod": "true",
        "tier": "gold",
        "team": "search",
        "environment": "eu",
    }


@pytest.mark.parametrize(
    ("tags", "flat"),
    [
        ({"env": "prod", "n": 1, "none": None}, {"env": "prod", "n": "1"}),
        (["env:prod", "b=2", "c"], {"env": "prod", "b": "2", "c": "true"}),
        ("env: prod, b = 2", {"env": "prod", "b": "2"}),
        (["url=http://x?y=1", "at:a=b"], {"url": "http://x?y=1", "at": "a=b"}),
        ([], {}),
        (None, {}),
    ],
)
def test_tags_of_any_shape_are_one_flat_dict(tags: Any, flat: dict[str, str]) -> None:
    assert flat_tags(tags) == flat


@pytest.mark.parametrize("status", [429, "500", "error", "Timeout", 503.0])
def test_a_failed_status_is_an_error_that_nobody_billed(status: Any) -> None:
    (call,) = openai_chat.read(json.dumps({"request": {"model": "m"}, "response": {}, "status": status}).encode())
    assert (call.status, call.billed) == ("error", False)


@pytest.mark.parametrize("status", [200, "ok", "success", "²", True, None])
def test_other_statuses_are_no_failure(status: Any) -> None:
    assert logged(status=status).status == "ok"


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1/chat/completions", "openai"),
        ("https://my-team.openai.azure.com/openai/deployments/d/chat/completions", "azure"),
        ("https://us-central1-aiplatform.googleapis.com/v1/x", "vertex_ai"),
        ("api.anthropic.com/v1/messages", "anthropic"),
        ("https://bedrock-runtime.eu-west-1.amazonaws.com/model/x", "bedrock"),
        ("http://localhost:8000/v1", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_the_address_tells_the_provider(url: str, provider: str | None) -> None:
    assert provider_at(url) == provider
