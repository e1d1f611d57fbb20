"""Which provider answers at an address: the one fact about a call that only its URL tells."""

from functools import lru_cache
from urllib.parse import urlsplit

_PROVIDERS = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure",
    "cognitiveservices.azure.com": "azure",
    "services.ai.azure.com": "azure_ai",
    "models.inference.ai.azure.com": "azure_ai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "google",
    "aiplatform.googleapis.com": "vertex_ai",
    "amazonaws.com": "bedrock",
    "api.aws": "bedrock_mantle",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.deepseek.com": "deepseek",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.x.ai": "xai",
    "api.cerebras.ai": "cerebras",
    "api.fireworks.ai": "fireworks",
    "api.perplexity.ai": "perplexity",
    "router.huggingface.co": "huggingface",
    "api.z.ai": "zai",
    "api.moonshot.ai": "moonshot",
}


@lru_cache(maxsize=1024)
def provider_at(url: str | None) -> str | None:
    """Return the provider that answers at `url`, by its host or a parent domain of it; None where it is not
    known.
    """
    if not url:
        return None
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:  # an address that is none, as 'http://['
        return None
    # us-central1-aiplatform.googleapis.com is one label, not a subdomain
    if "aiplatform.googleapis.com" in host:
        return "vertex_ai"
    while host:
        if host in _PROVIDERS:
            return _PROVIDERS[host]
        host = host.partition(".")[2]
    return None
