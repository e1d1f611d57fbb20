"""Which provider's API a record went through, by the path of its address: it decides where a body alone does not."""

from functools import lru_cache
from typing import Any
from urllib.parse import unquote

CHAT, RESPONSES, MESSAGES = "openai-chat", "openai-responses", "anthropic-messages"
MEDIA = "openai-media"
GEMINI, BEDROCK, COHERE, OLLAMA = "gemini", "bedrock", "cohere", "ollama"
"""The names of the formats that read what these APIs answer."""

_ENDINGS = (
    ("/chat/completions", CHAT),
    ("/responses", RESPONSES),
    ("/v1/messages", MESSAGES),
    ("/v1/complete", MESSAGES),
    ("/api/chat", OLLAMA),
    ("/api/generate", OLLAMA),
    ("/api/embeddings", OLLAMA),
    ("/api/embed", OLLAMA),
    ("/embeddings", CHAT),
    ("/completions", CHAT),
    ("/images/generations", MEDIA),
    ("/images/edits", MEDIA),
    ("/images/variations", MEDIA),
    ("/audio/transcriptions", MEDIA),
    ("/audio/translations", MEDIA),
    ("/audio/speech", MEDIA),
)  # fmt: skip
_BEDROCK_ACTIONS = ("/invoke", "/converse", "/converse-stream", "/invoke-with-response-stream")
_GEMINI_ACTIONS = frozenset(
    {
        "generateContent", "streamGenerateContent", "embedContent", "batchEmbedContents", "countTokens", "predict",
        "serverStreamingPredict",
    }
)  # fmt: skip
_RAW_ACTIONS = frozenset({"rawPredict", "streamRawPredict"})
"""Vertex passes the bodies of other makers through as they are; those of Anthropic are read."""
_COHERE_CALLS = ("/chat", "/generate", "/embed", "/rerank", "/classify", "/summarize")


def address(record: dict[str, Any]) -> str:
    """Return the address that the record's request went to, '' where it does not say."""
    request = record.get("request")
    inner = request if isinstance(request, dict) else {}
    for holder in (record, inner):
        for name in ("uri", "url", "request_url"):
            if isinstance(found := holder.get(name), str) and found:
                return found
    return ""


def of(record: dict[str, Any]) -> str | None:
    """Return the name of the format whose API the record's address is of; None where it does not tell."""
    return interface_at(address(record))


@lru_cache(maxsize=4096)
def interface_at(url: str) -> str | None:
    """Return the name of the format whose API answers at this address; None where the path does not tell."""
    path = unquote(url.partition("?")[0].partition("#")[0]).rstrip("/")
    action = path.rpartition(":")[2]
    if "/models/" in path and action in _GEMINI_ACTIONS:
        return GEMINI
    if action in _RAW_ACTIONS:
        return MESSAGES if "/publishers/anthropic/" in path else None
    if "/model/" in path and path.endswith(_BEDROCK_ACTIONS):
        return BEDROCK
    if "//api.cohere." in url and path.endswith(_COHERE_CALLS):
        return COHERE
    if "/responses/resp_" in path:
        return RESPONSES
    return next((interface for ending, interface in _ENDINGS if path.endswith(ending)), None)


def last_part(url: str, after: str) -> str | None:
    """Return what follows `after` in the path of an address, up to the next slash or colon, unquoted; else None."""
    _, found, rest = url.partition(after)
    name = rest.partition("?")[0].partition("/")[0]
    return unquote(name) or None if found else None
