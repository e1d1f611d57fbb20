"""Providers as SDKs and instrumentors spell them, to the one spelling that costsim's formats share."""

from functools import lru_cache

_NAMES = {
    "aws.bedrock": "bedrock", "aws_bedrock": "bedrock", "amazon_bedrock": "bedrock", "amazon-bedrock": "bedrock",
    "aws": "bedrock", "bedrock_converse": "bedrock", "amazon": "bedrock",
    "azure.ai.openai": "azure", "az.ai.openai": "azure", "azure_openai": "azure", "azure-openai": "azure",
    "azure openai": "azure", "azureopenai": "azure",
    "azure.ai.inference": "azure_ai", "az.ai.inference": "azure_ai", "azure_ai_inference": "azure_ai",
    "gcp.gemini": "google", "gcp.gen_ai": "google", "google_genai": "google", "google.generative-ai": "google",
    "gemini": "google", "googleai": "google", "google_gla": "google", "google-gla": "google", "google_ai": "google",
    "gcp.vertex.agent": "google", "gcp.vertex_ai": "vertex_ai", "google_vertexai": "vertex_ai",
    "google.vertex": "vertex_ai", "vertexai": "vertex_ai", "google-vertex": "vertex_ai", "vertex": "vertex_ai",
    "mistral_ai": "mistral", "mistralai": "mistral", "x_ai": "xai", "x-ai": "xai",
    "moonshot_ai": "moonshot", "moonshotai": "moonshot", "fireworks_ai": "fireworks", "together_ai": "together",
    "togetherai": "together", "ibm.watsonx.ai": "watsonx", "z-ai": "zai", "z.ai": "zai",
}  # fmt: skip


@lru_cache(maxsize=1024)
def provider_named(word: str | None) -> str | None:
    """Return costsim's word for a provider; of `openai.responses`, an interface of one, the provider."""
    if not word:
        return None
    name = word.strip().lower()
    while name not in _NAMES and "." in name:
        name = name.rpartition(".")[0]
    found = _NAMES.get(name, name)
    return found or None
