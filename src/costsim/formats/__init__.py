"""Log formats: what one format looks like, and nothing about prices, tasks or policies.

To add one: a module with the four names of `contract.LogFormat`, a line in `FORMATS`, a sample and its expected calls.
"""

from typing import Any

from costsim.errors import LogError
from costsim.formats import (
    agent_messages,
    agent_transcripts,
    anthropic_batch,
    anthropic_messages,
    azure_log,
    bedrock,
    bedrock_log,
    braintrust,
    claude_code,
    codex,
    coding_traces,
    cohere,
    copilot_cli,
    gemini,
    gemini_cli,
    generic,
    helicone,
    inspect_ai,
    kimi,
    langfuse,
    langsmith,
    litellm,
    managed_agents,
    mlflow,
    ollama,
    openai_batch,
    openai_chat,
    openai_responses,
    opencode,
    openrouter,
    otel,
    portkey,
    qwen_code,
    request_traces,
    simonw_llm,
    vertex_log,
    weave,
)
from costsim.formats.contract import LogFormat

FORMATS: dict[str, LogFormat] = {
    openai_chat.NAME: openai_chat,
    openai_responses.NAME: openai_responses,
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
    langsmith.NAME: langsmith,
    mlflow.NAME: mlflow,
    openrouter.NAME: openrouter,
    braintrust.NAME: braintrust,
    helicone.NAME: helicone,
    portkey.NAME: portkey,
    weave.NAME: weave,
    generic.NAME: generic,
}


def claimants(record: dict[str, Any]) -> list[LogFormat]:
    """Return the named formats that claim the record: none, one, or by mistake more."""
    return [each for name, each in FORMATS.items() if name != generic.NAME and each.claims(record)]


def detect(record: dict[str, Any], where: str) -> LogFormat | None:
    """Return the one format that claims the record, None where none does; LogError where two do.

    The generic format guesses at columns, so it is asked only about what no named format claims.
    """
    claims = claimants(record)
    if len(claims) > 1:
        names = " and ".join(each.NAME for each in claims)
        raise LogError(f"both {names} claim it", where=where, hint="choose one with --log-format")
    if claims:
        return claims[0]
    return generic if generic.claims(record) else None
