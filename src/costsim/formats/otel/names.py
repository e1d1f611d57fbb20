"""What instrumentors call what, generation by generation: for each fact the attributes that may hold it, best first.

OpenTelemetry gen_ai (semantic conventions 1.27 to 1.41), OpenLLMetry old and new, OpenInference, the Vercel AI SDK,
Langfuse's own SDK, Logfire and pydantic-ai, vLLM. Where one span speaks two dialects they agree.
"""

RESPONSE_ID = ("gen_ai.response.id", "ai.response.id", "llm.response.id")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider", "llm.vendor",
            "mlflow.llm.provider")  # fmt: skip
MODEL = (
    "gen_ai.response.model", "llm.response.model", "ai.response.model", "llm.model_name", "embedding.model_name",
    "reranker.model_name", "langfuse.observation.model.name", "gen_ai.request.model", "llm.request.model",
    "ai.model.id", "llm.model", "mlflow.llm.model",
)  # fmt: skip
REQUESTED_MODEL = ("gen_ai.request.model", "llm.request.model", "ai.model.id")

INPUT = (
    "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "llm.usage.prompt_tokens",
    "ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens", "gen_ai.response.input_tokens",
    "gen_ai.response.prompt_tokens",
)  # fmt: skip
OUTPUT = (
    "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
    "llm.usage.completion_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens",
    "gen_ai.response.output_tokens", "gen_ai.response.completion_tokens",
)  # fmt: skip
TOTAL = (
    "gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total", "ai.usage.totalTokens",
)  # fmt: skip
CACHE_READ = (
    "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cache_read_input_tokens",
    "gen_ai.usage.details.cached_tokens", "gen_ai.usage.input_tokens.cached", "gen_ai.usage.input_token_details.cached",
    "gen_ai.usage.cached_input_tokens", "gen_ai.usage.cached_tokens", "gen_ai.usage.input_tokens_cached",
    "llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_input",
    "llm.usage.cache_read_input_tokens", "ai.usage.cachedInputTokens",
    "ai.usage.inputTokenDetails.cacheReadTokens",
)  # fmt: skip
CACHE_WRITE = (
    "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_tokens", "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.details.cache_write_tokens", "gen_ai.usage.details.cache_creation_input_tokens",
    "gen_ai.usage.input_tokens.cache_write", "llm.token_count.prompt_details.cache_write",
    "llm.token_count.prompt_details.cache_creation", "llm.usage.cache_creation_input_tokens",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
)  # fmt: skip
CACHE_WRITE_1H = (
    "gen_ai.usage.cache_creation.ephemeral_1h_input_tokens",
    "gen_ai.usage.details.ephemeral_1h_input_tokens",
    "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
    "llm.token_count.prompt_details.cache_write_1h",
)
REASONING = (
    "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.details.reasoning_tokens", "gen_ai.usage.output_token_details.reasoning",
    "gen_ai.usage.completion_tokens_details.reasoning_tokens", "llm.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning", "ai.usage.reasoningTokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
)  # fmt: skip
AUDIO_INPUT = (
    "llm.token_count.prompt_details.audio", "gen_ai.usage.details.input_audio_tokens",
    "gen_ai.usage.input_token_details.audio",
)  # fmt: skip
AUDIO_OUTPUT = (
    "llm.token_count.completion_details.audio", "gen_ai.usage.details.output_audio_tokens",
    "gen_ai.usage.output_token_details.audio",
)  # fmt: skip
COST = (
    "llm.cost.total", "gen_ai.usage.cost", "gen_ai.cost.total_cost", "gen_ai.usage.total_cost", "gen_ai.cost.total",
    "operation.cost",
)  # fmt: skip

TIER = (
    "openai.response.service_tier", "gen_ai.openai.response.service_tier", "gen_ai.response.service_tier",
    "anthropic.response.service_tier", "gen_ai.anthropic.response.service_tier",
)  # fmt: skip
FINISH = (
    "gen_ai.response.finish_reasons", "gen_ai.response.finish_reason", "llm.finish_reason", "ai.response.finishReason",
    "llm.response.finish_reason", "gen_ai.completion.0.finish_reason",
)  # fmt: skip
STREAMED = ("llm.is_streaming", "gen_ai.is_streaming", "gen_ai.request.stream", "gen_ai.request.is_stream")
MOST_OUTPUT = (
    "gen_ai.request.max_tokens", "gen_ai.request.max_completion_tokens", "llm.request.max_tokens",
    "ai.settings.maxOutputTokens", "ai.settings.maxTokens",
)  # fmt: skip
TEMPERATURE = ("gen_ai.request.temperature", "llm.request.temperature", "ai.settings.temperature")
FIRST_TOKEN_MS = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")
FIRST_TOKEN_S = (
    "gen_ai.response.time_to_first_chunk", "gen_ai.latency.time_to_first_token", "gen_ai.server.time_to_first_token",
    "gen_ai.client.time_to_first_token", "gen_ai.server.ttft",
)  # fmt: skip
JSON_FORM = ("gen_ai.output.type", "gen_ai.openai.request.response_format", "gen_ai.request.response_format")
JSON_SCHEMA = ("gen_ai.request.structured_output_schema", "llm.request.structured_output_schema", "ai.schema")

ADDRESS = ("server.address", "gen_ai.openai.api_base", "llm.base_url", "url.full", "http.url")
CONVERSATION = (
    "gen_ai.conversation.id", "session.id", "langfuse.session.id", "thread.id", "ai.telemetry.metadata.sessionId",
    "ai.telemetry.metadata.threadId", "ai.telemetry.metadata.conversationId",
    "traceloop.association.properties.session_id", "traceloop.association.properties.thread_id",
    "traceloop.association.properties.conversation_id", "traceloop.association.properties.chat_id",
    "gcp.vertex.agent.session_id",
)  # fmt: skip
USER = (
    "user.id", "enduser.id", "langfuse.user.id", "gen_ai.request.user", "llm.user", "ai.telemetry.metadata.userId",
    "traceloop.association.properties.user_id",
)  # fmt: skip
ROUTE = (
    "traceloop.workflow.name", "ai.telemetry.functionId", "gen_ai.agent.name", "langfuse.trace.name",
    "traceloop.association.properties.workflow", "agent_name",
)  # fmt: skip
NO_TAGS = frozenset({
    "session_id", "thread_id", "conversation_id", "chat_id", "user_id", "workflow", "sessionId", "threadId",
    "conversationId", "userId",
})  # fmt: skip
TAGS = ("tag.tags", "langfuse.trace.tags", "metadata")
ENVIRONMENT = ("deployment.environment.name", "deployment.environment", "langfuse.environment")

OPERATIONS = {
    "chat": "chat", "generate_content": "chat", "message": "chat", "messages": "chat", "responses": "chat",
    "response": "chat", "chat_completion": "chat", "chat.completions": "chat", "llm": "chat", "generation": "chat",
    "acompletion": "chat", "text_completion": "completion", "completion": "completion", "embeddings": "embedding",
    "embedding": "embedding", "rerank": "rerank", "reranker": "rerank", "image_generation": "image",
    "chat_model": "chat", "call_llm": "chat",
    "transcription": "audio", "speech": "audio", "text_to_speech": "audio", "speech_to_text": "audio",
}  # fmt: skip
"""Operations that a provider bills, whatever the case; all others only contain such, as agents, chains and tools do."""
OWN_SERVER = ("gen_ai.latency.e2e", "gen_ai.latency.time_in_queue")
"""What vLLM measures, which does not always name its model."""
KIND = ("openinference.span.kind", "langfuse.observation.type", "mlflow.spanType")
BODIES = (
    ("langfuse.observation.usage_details", None),
    ("gcp.vertex.agent.llm_response", "usage_metadata"),
    ("genkit:output", "usage"),
    ("mlflow.chat.tokenUsage", None),
    ("llm.token.counts", None),
    ("response_data", "usage"),
    ("output.value", "usage"),
)
"""Attributes that hold counts whole: Langfuse's details, ADK's answer, Genkit's output; and the name inside them."""
AI_SDK_OPERATIONS = {
    "dogenerate": "chat", "dostream": "chat", "doembed": "embedding", "dorerank": "rerank", "dogenerateimage": "image",
}  # fmt: skip
"""The last parts of the Vercel AI SDK's operation ids that ask a model; the spans around them repeat the usage."""
CONTAINERS = ("agent", "tool", "workflow", "task", "chain", "retriev", "memory", "unknown")
"""Parts of the names of operations that ask nothing themselves."""
