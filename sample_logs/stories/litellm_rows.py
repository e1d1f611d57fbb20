"""Rows as a LiteLLM proxy writes them for its logging callbacks (StandardLoggingPayload)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from sample_logs.stories.ledger import Entry, JsonObject, hex_id
from sample_logs.stories.list_prices import NO_TOKENS, RATES, Usage, list_cost

DISCOUNT_FROM = 15  # of October: the day on which the proxy's discount for OpenAI begins
DISCOUNT = 0.05
API_BASES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "hosted_vllm": "http://gpu-7.internal:8000/v1",
}
NO_ERROR = {"error_code": "", "error_class": "", "llm_provider": "", "traceback": "", "error_message": ""}
FAILURES = (
    ("429", "RateLimitError", "429_PROVIDER_RATE_LIMIT"),
    ("500", "InternalServerError", "500_PROVIDER_INTERNAL_ERROR"),
    ("408", "Timeout", "408_PROVIDER_TIMEOUT"),
)


@dataclass(frozen=True)
class Deployment:
    """A model behind the proxy, and the group of deployments that it answers for."""

    model: str
    provider: str
    group: str


@dataclass(frozen=True)
class Asked:
    """What one call asks for and gets, and who asks."""

    at: datetime
    route: str
    task: str
    deployment: Deployment
    messages: list[JsonObject]
    reply: JsonObject
    usage: Usage
    trace: str
    person: str
    tags: list[str]
    session: str = ""
    parameters: JsonObject = field(default_factory=dict)
    retries: int = 0
    fallbacks: int = 0
    cache_hit: bool = False
    marks: frozenset[str] = frozenset()


def entry(rng: Random, asked: Asked) -> Entry:
    """A call that succeeded, with the cost that the proxy worked out for it."""
    seconds = 0.004 if asked.cache_hit else round(0.6 + asked.usage.output / 70 + rng.random(), 6)
    breakdown = None if asked.cache_hit else _breakdown(asked)
    cost = breakdown["total_cost"] if breakdown else 0.0
    row = _row(rng, asked, seconds) | {
        "id": f"chatcmpl-{_uuid(rng)}",
        "status": "success",
        "status_fields": {"llm_api_status": "success", "guardrail_status": "not_run"},
        "response_cost": cost,
        "cost_breakdown": breakdown,
        "saved_cache_cost": _list_price(asked) if asked.cache_hit else 0.0,
        "prompt_tokens": asked.usage.input,
        "completion_tokens": asked.usage.output,
        "total_tokens": asked.usage.input + asked.usage.output,
        "error_str": None,
        "error_information": NO_ERROR,
        "response_cost_failure_debug_info": _unmapped(asked),
    }
    row["metadata"] |= {"usage_object": _usage_body(asked)}
    row["response"] = _completion(row["id"], asked)
    return Entry(
        at=asked.at,
        line=row,
        route=asked.route,
        task=asked.task,
        model=asked.deployment.model,
        usage=asked.usage,
        marks=asked.marks,
        reported_cost=cost,
        free=asked.cache_hit,
    )


def failure(rng: Random, asked: Asked, mark: str) -> Entry:
    """An attempt that failed before a call: a row of its own in the same trace, without tokens."""
    code, kind, normalized = rng.choice(FAILURES)
    message = f"litellm.{kind}: {kind}: {asked.deployment.provider.title()}Exception - status {code}"
    row = _row(rng, asked, 0.31) | {
        "status": "failure",
        "status_fields": {"llm_api_status": "failure", "guardrail_status": "not_run"},
        "response": {},
        "error_str": message,
        "error_information": {
            "error_code": code,
            "error_class": kind,
            "llm_provider": asked.deployment.provider,
            "traceback": "",
            "error_message": message,
            "normalized_error": normalized,
        },
    }
    row["id"] = row["litellm_call_id"]
    return Entry(
        at=asked.at,
        line=row,
        route=asked.route,
        task=asked.task,
        model=asked.deployment.model,
        usage=NO_TOKENS,
        failed=True,
        marks=frozenset({mark}),
        reported_cost=0.0,
    )


def tried_before(rng: Random, asked: Asked, deployment: Deployment, times: int) -> list[Asked]:
    """The attempts on another deployment, or the same, that came right before a call."""
    pauses = sorted((rng.uniform(1, 9) for _ in range(times)), reverse=True)
    return [replace(asked, at=asked.at - timedelta(seconds=pause), deployment=deployment) for pause in pauses]


def _row(rng: Random, asked: Asked, seconds: float) -> JsonObject:
    """What every row has, for a call that yielded nothing."""
    deployment = asked.deployment
    return {
        "id": "",
        "litellm_call_id": _uuid(rng),
        "trace_id": asked.trace,
        "session_id": asked.session,
        "call_type": "acompletion",
        "cache_hit": asked.cache_hit,
        "stream": False,
        "status": "",
        "status_fields": {},
        "custom_llm_provider": deployment.provider,
        "saved_cache_cost": 0.0,
        **_times(asked, seconds),
        "model": deployment.model,
        "metadata": _metadata(asked),
        "cache_key": None,
        "response_cost": 0.0,
        "cost_breakdown": None,
        "total_tokens": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "request_tags": asked.tags,
        "end_user": asked.person,
        "api_base": API_BASES[deployment.provider],
        "model_group": deployment.group,
        "model_id": f"{deployment.group}-{deployment.provider}-1",
        "requester_ip_address": None,
        "user_agent": "coding-agent/2.14",
        "messages": asked.messages,
        "response": {},
        "model_parameters": asked.parameters,
        "hidden_params": _hidden_params(asked),
        "model_map_information": _model_map(deployment.model),
        "guardrail_information": None,
    }


def _times(asked: Asked, seconds: float) -> JsonObject:
    begin = asked.at.timestamp()
    end = round(begin + seconds, 6)
    return {"startTime": begin, "endTime": end, "completionStartTime": end, "response_time": seconds}


def _metadata(asked: Asked) -> JsonObject:
    team = "platform" if asked.person < "g" else "commerce"
    return {
        "user_api_key_hash": None,
        "user_api_key_alias": asked.route,
        "user_api_key_team_id": f"team_{team}",
        "user_api_key_team_alias": team,
        "user_api_key_user_id": asked.person,
        "user_api_key_org_id": None,
        "user_api_key_end_user_id": asked.person,
        "spend_logs_metadata": None,
        "requester_metadata": None,
        "applied_guardrails": [],
        "usage_object": {},
    }


def _hidden_params(asked: Asked) -> JsonObject:
    headers = {
        "x-litellm-model-group": asked.deployment.group,
        "x-litellm-attempted-retries": asked.retries,
        "x-litellm-attempted-fallbacks": asked.fallbacks,
    }
    name = f"{asked.deployment.provider}/{asked.deployment.model}"
    return {"model_id": None, "cache_key": None, "additional_headers": headers, "litellm_model_name": name}


def _model_map(model: str) -> JsonObject:
    if model not in RATES:
        return {"model_map_key": model, "model_map_value": None}
    rates = RATES[model]
    prices = {
        "input_cost_per_token": float(rates.input) / 1e6,
        "cache_read_input_token_cost": float(rates.cache_read) / 1e6,
        "output_cost_per_token": float(rates.output) / 1e6,
    }
    return {"model_map_key": model, "model_map_value": {"key": model, **prices}}


def _list_price(asked: Asked) -> float:
    return float(list_cost(asked.deployment.model, asked.usage) or 0)


def _breakdown(asked: Asked) -> JsonObject | None:
    """The parts of a call's cost, less the proxy's discount; nothing where its price map lacks the model."""
    if asked.deployment.model not in RATES:
        return None
    original = _list_price(asked)
    discounted = asked.deployment.provider == "openai" and asked.at.day >= DISCOUNT_FROM
    output = float(RATES[asked.deployment.model].output) * asked.usage.output / 1e6
    percent = DISCOUNT if discounted else 0.0
    return {
        "input_cost": original - output,
        "output_cost": output,
        "tool_usage_cost": 0.0,
        "original_cost": original,
        "discount_percent": percent,
        "discount_amount": original * percent,
        "margin_percent": 0.0,
        "total_cost": original - original * percent,
        "service_tier": None,
    }


def _unmapped(asked: Asked) -> JsonObject | None:
    if asked.deployment.model in RATES:
        return None
    name = asked.deployment.model
    return {"error_str": f"This model isn't mapped yet. model={name}, custom_llm_provider=hosted_vllm."}


def _usage_body(asked: Asked) -> JsonObject:
    usage = asked.usage
    body: JsonObject = {
        "completion_tokens": usage.output,
        "prompt_tokens": usage.input,
        "total_tokens": usage.input + usage.output,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning} if usage.reasoning else None,
        "prompt_tokens_details": {"audio_tokens": None, "cached_tokens": usage.cache_read},
    }
    if asked.deployment.provider == "anthropic":
        body["prompt_tokens_details"]["cache_creation_tokens"] = usage.cache_write_5m
        body["cache_creation_input_tokens"] = usage.cache_write_5m
        body["cache_read_input_tokens"] = usage.cache_read
    return body


def _completion(name: str, asked: Asked) -> JsonObject:
    finish = "tool_calls" if asked.reply.get("tool_calls") else "stop"
    return {
        "id": name,
        "created": int(asked.at.timestamp()),
        "model": asked.deployment.model,
        "object": "chat.completion",
        "system_fingerprint": None,
        "choices": [{"finish_reason": finish, "index": 0, "message": asked.reply}],
        "usage": _usage_body(asked),
    }


def _uuid(rng: Random) -> str:
    digits = hex_id(rng, 32)
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:]))
