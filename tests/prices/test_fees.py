"""What is billed by the piece, whatever the model: sessions of code, text that a guardrail looked at."""

import json
from typing import Any

import pyarrow as pa
import pytest

from costsim.cost import NO_RATE, price
from costsim.formats import FORMATS
from costsim.policies import as_logged
from costsim.prices import load
from costsim.schema import SCHEMA, Call

Row = dict[str, Any]
MADE = int("68cdc387", 16)


def calls(name: str, row: Row) -> list[Call]:
    return FORMATS[name].read(json.dumps(row).encode())


def costs(model: str, provider: str, at: int, fees: dict[str, int]) -> tuple[list[int], list[int]]:
    row = {
        "started_at": at * 10**6, "provider": provider, "model": model, "input_tokens": 0, "output_tokens": 0,
        "billed": True, "fees": json.dumps(fees),
    }  # fmt: skip
    columns = [pa.array([row.get(field.name)], field.type) for field in SCHEMA]
    found = price(as_logged.attempts(pa.table(columns, schema=SCHEMA), PRICES).usage, PRICES)
    return found.cost.tolist(), found.reason.tolist()


PRICES = load()


def response(created: int, *containers: str, memory: str = "1g") -> Row:
    items = [{"type": "code_interpreter_call", "code": "1+1", "container_id": name} for name in containers]
    tools = [{"type": "code_interpreter", "container": {"type": "auto", "memory_limit": memory}}]
    usage = {"input_tokens": 1, "output_tokens": 1}
    kept = {"id": "resp_1", "object": "response", "created_at": created, "model": "gpt-5", "status": "completed"}
    return {**kept, "tools": tools, "usage": usage, "output": items}


def test_a_container_for_code_is_billed_once_by_the_response_that_made_it() -> None:
    one, other = "cntr_68cdc387aaaa", "cntr_68cdc388bbbb"
    assert calls("openai-responses", response(MADE - 5, one, one))[0].fees == {"code_session": 1}
    assert calls("openai-responses", response(MADE - 5, one, other))[0].fees == {"code_session": 2}
    assert calls("openai-responses", response(MADE + 60, one))[0].fees is None, "an earlier response made it"
    assert calls("openai-responses", response(MADE - 5, one, memory="16g"))[0].fees == {"code_session_large": 1}


def test_the_units_of_a_guardrail_are_added_up_over_its_sides() -> None:
    used = {
        "topicPolicyUnits": 1,
        "contentPolicyUnits": 2,
        "wordPolicyUnits": 3,
        "sensitiveInformationPolicyFreeUnits": 4,
    }
    each = {"g1": {"invocationMetrics": {"usage": used}}}
    log = {
        "schemaType": "ModelInvocationLog", "modelId": "amazon.nova-lite-v1:0", "requestId": "r",
        "output": {"outputBodyJson": {
            "amazon-bedrock-guardrailAction": "INTERVENED",
            "amazon-bedrock-trace": {"guardrail": {"input": each, "outputs": [each]}},
        }},
    }  # fmt: skip
    answer = {
        "modelId": "amazon.nova-lite-v1:0", "stopReason": "end_turn", "output": {},
        "usage": {"inputTokens": 1, "outputTokens": 1},
        "trace": {"guardrail": {"inputAssessment": each, "outputAssessments": {"g1": [each["g1"]]}}},
    }  # fmt: skip
    for name, row in (("bedrock-log", log), ("bedrock", answer)):
        assert calls(name, row)[0].fees == {"guardrail_content": 4, "guardrail_topic": 2}


@pytest.mark.parametrize(
    ("provider", "model", "at", "fees", "usd"),
    [
        ("openai", "gpt-5", MADE, {"code_session": 2}, 0.06),
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", 1_730_000_000, {"guardrail_content": 1000}, 0.75),
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", 1_740_000_000, {"guardrail_content": 1000}, 0.15),
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", 1_740_000_000, {"guardrail_sensitive": 10}, 0.001),
    ],
)
def test_pieces_have_the_price_of_their_day(
    provider: str, model: str, at: int, fees: dict[str, int], usd: float
) -> None:
    assert costs(model, provider, at, fees) == ([round(usd * 10**12)], [0])


def test_pieces_without_a_rate_leave_the_cost_unknown() -> None:
    assert costs("gpt-5", "openai", MADE, {"code_session_large": 1}) == ([0], [NO_RATE])
    assert costs("gpt-5", "openai", MADE, {"what is this": 1})[1] == costs("gpt-5", "openai", MADE, {})[1]
