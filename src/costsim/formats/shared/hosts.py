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
    "api.inference.crusoecloud.com": "crusoe",
    "api.deepinfra.com": "deepinfra",
    "api.hyperbolic.xyz": "hyperbolic",
    "api.novita.ai": "novita",
    "api.sambanova.ai": "sambanova",
    "api.studio.nebius.com": "nebius",
    "api.studio.nebius.ai": "nebius",
    "api.lambda.ai": "lambda_ai",
    "api.minimax.io": "minimax",
    "api.writer.com": "writer",
    "api.ai21.com": "ai21",
    "api.voyageai.com": "voyage",
    "api.jina.ai": "jina_ai",
    "aliyuncs.com": "dashscope",
    "volces.com": "volcengine",
    "open.bigmodel.cn": "zhipuai",
    "codestral.mistral.ai": "codestral",
    "ai-gateway.vercel.sh": "vercel_ai_gateway",
    "api.z.ai": "zai",
    "api.moonshot.ai": "moonshot",
}


_OLLAMA = 11434
"""The port on which Ollama answers, wherever it runs."""


@lru_cache(maxsize=1024)
def provider_at(url: str | None) -> str | None:
    """Return the provider that answers at `url`, by its host or a parent domain of it; None where it is not
    known.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host, port = parts.hostname or "", parts.port
    except ValueError:  # an address that is none, as 'http://['
        return None
    if port == _OLLAMA:
        return "ollama"
    if host == "router.huggingface.co" and (maker := parts.path.strip("/").partition("/")[0]) not in ("", "v1"):
        return f"huggingface_{maker.replace('-', '_')}"
    # us-central1-aiplatform.googleapis.com is one label, not a subdomain
    if "aiplatform.googleapis.com" in host:
        return "vertex_ai"
    while host:
        if host in _PROVIDERS:
            return _PROVIDERS[host]
        host = host.partition(".")[2]
    return None
