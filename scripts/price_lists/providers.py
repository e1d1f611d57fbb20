"""Which entries of the two public lists belong to which provider, and what they do not say about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """One price file: its head, and where its rows come from."""

    name: str
    litellm: tuple[str, ...] = ()
    genai: str = ""
    prefixes: tuple[str, ...] = ()
    """What their keys put before a slash; taken off."""
    also: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    source: str = ""
    small_model: str = ""
    hint: str = ""
    region_prefix: str = ""


_GPT = (
    *("gpt-*", "o1", "o1-*", "o3", "o3-*", "o4-*", "chatgpt-*", "codex-*", "computer-use-preview*", "ft:*"),
    *(
        "text-embedding-3-*",
        "text-embedding-ada-*",
        "text-moderation-*",
        "omni-moderation-*",
        "whisper-1",
        "tts-1*",
    ),
    *("dall-e-*", "davinci-*", "babbage-*", "ada", "curie", "sora-*", "text-davinci-*"),
)
_MISTRAL = (
    *("mistral-*", "mixtral-*", "codestral-*", "devstral-*", "magistral-*", "ministral-*", "pixtral-*"),
    *("voxtral-*", "open-mistral-*", "open-mixtral-*", "open-codestral-*", "labs-*"),
)

PROVIDERS: dict[str, Provider] = {
    "openai": Provider(
        "OpenAI",
        ("openai", "text-completion-openai"),
        "openai",
        ("openai",),
        also=(
            "openai_chat",
            "openai-chat",
            "openai_responses",
            "text-completion-openai",
            "chatopenai",
            "open_ai",
        ),
        makes=_GPT,
        source="https://developers.openai.com/api/docs/pricing",
        small_model="gpt-5.4-mini",
    ),
    "anthropic": Provider(
        "Anthropic",
        ("anthropic",),
        "anthropic",
        ("anthropic",),
        also=("claude", "chatanthropic", "anthropic_messages"),
        makes=("claude-*",),
        source="https://platform.claude.com/docs/en/about-claude/pricing",
        small_model="claude-haiku-4-5",
    ),
    "google": Provider(
        "Google AI Studio",
        ("gemini",),
        "google",
        ("gemini", "google"),
        also=(
            *(
                "gemini",
                "google_genai",
                "google-genai",
                "google-gla",
                "gcp.gemini",
                "gcp.gen_ai",
                "google_ai",
            ),
            *("google-ai-studio", "google_ai_studio", "googleai", "google generative ai"),
        ),
        makes=(
            "gemini-*",
            "gemma-*",
            "learnlm-*",
            "imagen-*",
            "veo-*",
            "text-embedding-004",
            "models/gemini-*",
        ),
        then=("vertex",),
        source="https://ai.google.dev/gemini-api/docs/pricing",
        small_model="gemini-2.5-flash-lite",
    ),
    "vertex": Provider(
        "Google Vertex AI",
        ("vertex_ai",),
        "",
        ("vertex_ai", "vertex_ai_beta"),
        also=(
            "vertex_ai",
            "vertexai",
            "vertex-ai",
            "google-vertex",
            "gcp.vertex_ai",
            "google_vertex",
            "vertex_ai_beta",
        ),
        then=("google",),
        source="https://cloud.google.com/gemini-enterprise-agent-platform/generative-ai/pricing",
        small_model="gemini-2.5-flash-lite",
    ),
    "azure": Provider(
        "Azure OpenAI",
        ("azure", "azure_text"),
        "azure",
        ("azure", "azure_text"),
        also=(
            *("azure_openai", "azure-openai", "azureopenai", "az.ai.openai", "azure.ai.openai", "azure_text"),
            *("azurechatopenai", "azure openai", "microsoft.openai"),
        ),
        then=("azure_ai",),
        source="https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service/",
        small_model="gpt-5.4-mini",
        hint="a deployment's name does not say its model: map it, `alias: {NAME: azure/MODEL}`",
    ),
    "azure_ai": Provider(
        "Azure AI Foundry",
        ("azure_ai",),
        "",
        ("azure_ai",),
        also=("az.ai.inference", "azure.ai.inference", "azure-ai", "azure_ai_foundry", "azure-ai-inference"),
        then=("azure",),
        source="https://azure.microsoft.com/en-us/pricing/details/ai-foundry-models/",
        small_model="gpt-5.4-mini",
        hint="a deployment's name does not say its model: map it, `alias: {NAME: azure_ai/MODEL}`",
    ),
    "bedrock": Provider(
        "Amazon Bedrock",
        ("bedrock", "bedrock_converse"),
        "aws",
        ("bedrock", "bedrock_converse"),
        also=(
            "bedrock_converse",
            "aws.bedrock",
            "aws_bedrock",
            "aws",
            "amazon_bedrock",
            "amazon-bedrock",
            "amazon",
        ),
        then=("bedrock_mantle",),
        source="https://aws.amazon.com/bedrock/pricing/",
        small_model="amazon.nova-lite-v1:0",
        hint="an application inference profile does not say its model: map it, `alias: {ARN: bedrock/MODEL}`",
    ),
    "bedrock_mantle": Provider(
        "Amazon Bedrock (Mantle)",
        ("bedrock_mantle",),
        prefixes=("bedrock_mantle",),
        source="https://aws.amazon.com/bedrock/pricing/",
        then=("bedrock",),
    ),
    "mistral": Provider(
        "Mistral",
        ("mistral",),
        "mistral",
        ("mistral",),
        also=("mistralai", "mistral_ai", "mistral-ai", "chatmistralai"),
        makes=_MISTRAL,
        source="https://mistral.ai/pricing",
        small_model="mistral-small-latest",
    ),
    "deepseek": Provider(
        "DeepSeek",
        ("deepseek",),
        "deepseek",
        ("deepseek",),
        also=("deepseek-ai", "chatdeepseek"),
        makes=("deepseek-*",),
        source="https://api-docs.deepseek.com/quick_start/pricing",
        small_model="deepseek-flash",
    ),
    "xai": Provider(
        "xAI",
        ("xai",),
        "x-ai",
        ("xai", "x-ai"),
        also=("x-ai", "x_ai", "grok", "chatxai"),
        makes=("grok-*",),
        source="https://docs.x.ai/docs/models",
        small_model="",
    ),
    "groq": Provider(
        "Groq",
        ("groq",),
        "groq",
        ("groq",),
        also=("chatgroq", "groqcloud"),
        source="https://groq.com/pricing",
        small_model="llama-3.1-8b-instant",
    ),
    "together": Provider(
        "Together AI",
        ("together_ai",),
        "together",
        ("together_ai",),
        also=("together_ai", "together-ai", "togetherai", "together.ai"),
        source="https://www.together.ai/pricing",
    ),
    "cohere": Provider(
        "Cohere",
        ("cohere", "cohere_chat"),
        "cohere",
        ("cohere", "cohere_chat"),
        also=("cohere_chat", "chatcohere", "cohereai"),
        makes=("command-*", "command", "rerank-*", "embed-*", "c4ai-*"),
        source="https://cohere.com/pricing",
        small_model="command-r7b-12-2024",
    ),
    "openrouter": Provider(
        "OpenRouter",
        ("openrouter",),
        "openrouter",
        ("openrouter",),
        also=("open_router", "open-router", "openrouter.ai", "chatopenrouter"),
        source="https://openrouter.ai/models",
        hint="OpenRouter reports what it charged: `--cost-mode reported`",
    ),
    "perplexity": Provider(
        "Perplexity",
        ("perplexity",),
        "perplexity",
        ("perplexity",),
        also=("pplx", "chatperplexity", "perplexityai"),
        makes=("sonar", "sonar-*", "pplx-*"),
        source="https://docs.perplexity.ai/getting-started/pricing",
        small_model="sonar",
    ),
    "moonshot": Provider(
        "Moonshot AI",
        ("moonshot",),
        "moonshotai",
        ("moonshot",),
        also=("moonshotai", "moonshot_ai", "moonshot-ai"),
        makes=("kimi-*", "moonshot-*"),
        source="https://platform.moonshot.ai/docs/pricing/chat",
    ),
    "zai": Provider(
        "Z.ai",
        ("zai",),
        "zai",
        ("zai",),
        also=("z-ai", "z.ai", "z_ai"),
        makes=("glm-*",),
        source="https://docs.z.ai/guides/overview/pricing",
    ),
    "zhipuai": Provider(
        "Zhipu AI",
        ("bigmodel",),
        "zhipuai",
        ("bigmodel",),
        also=("bigmodel", "zhipu"),
        source="https://open.bigmodel.cn/pricing",
    ),
    "minimax": Provider(
        "MiniMax",
        ("minimax",),
        "minimax",
        ("minimax",),
        makes=("minimax-*", "m2-her"),
        source="https://platform.minimax.io/docs/guides/pricing",
    ),
    "voyage": Provider(
        "Voyage AI",
        ("voyage",),
        "voyageai",
        ("voyage",),
        also=("voyageai", "voyage_ai", "voyage-ai"),
        makes=("voyage-*",),
        source="https://docs.voyageai.com/docs/pricing",
    ),
    "dashscope": Provider(
        "Alibaba Cloud Model Studio",
        ("dashscope",),
        "",
        ("dashscope",),
        also=("alibaba", "qwen", "aliyun", "model_studio", "alibaba_cloud"),
        makes=("qwen-*", "qwen3*", "qwq-*", "qvq-*", "qwen2*"),
        source="https://www.alibabacloud.com/help/en/model-studio/models",
    ),
    "meta": Provider(
        "Meta",
        ("meta", "meta_llama"),
        "meta",
        ("meta", "meta_llama"),
        also=("meta_llama", "meta-llama-api"),
        makes=("muse-*",),
        source="https://dev.meta.ai/docs/pricing",
    ),
    "github_copilot": Provider(
        "GitHub Copilot",
        ("github_copilot",),
        "github-copilot",
        ("github_copilot",),
        also=("github-copilot", "copilot"),
        source="https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
    ),
    "fireworks": Provider(
        "Fireworks AI",
        ("fireworks_ai", "fireworks_ai-embedding-models"),
        "fireworks",
        ("fireworks_ai",),
        also=("fireworks_ai", "fireworks-ai", "fireworks.ai", "chatfireworks"),
        source="https://fireworks.ai/pricing",
    ),
    "ai21": Provider(
        "AI21 Labs",
        ("ai21",),
        "",
        ("ai21",),
        also=("ai21_chat",),
        makes=("jamba-*", "j2-*"),
        source="https://www.ai21.com/pricing/",
    ),
    "amazon_nova": Provider(
        "Amazon Nova",
        ("amazon_nova",),
        "",
        ("amazon_nova",),
        source="https://nova.amazon.com/dev/documentation",
    ),
    "elevenlabs": Provider(
        "ElevenLabs",
        ("elevenlabs",),
        "elevenlabs",
        ("elevenlabs",),
        source="https://elevenlabs.io/pricing/api",
    ),
    "openai_decisions": Provider(
        "OpenAI Decisions", (), "openai-decisions", source="https://developers.openai.com/api/docs/pricing"
    ),
    "typesafe": Provider("Typesafe", ("typesafe",), "typesafe", ("typesafe",), makes=("jev-*",)),
    "cursor": Provider(
        "Cursor",
        ("cursor",),
        "cursor",
        ("cursor",),
        makes=("composer-*",),
        source="https://cursor.com/docs/models",
    ),
}

def provider_of_litellm(name: str) -> str:
    """Return our id of one of LiteLLM's provider names."""
    for ours, provider in PROVIDERS.items():
        if name in provider.litellm or (ours == "vertex" and name.startswith("vertex_ai")):
            return ours
    return name.replace("-", "_").replace(".", "_")


def provider_of_genai(name: str) -> str:
    """Return our id of one of genai-prices' provider ids."""
    for ours, provider in PROVIDERS.items():
        if name == provider.genai:
            return ours
    return name.replace("-", "_")
