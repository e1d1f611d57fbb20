"""The typed rows of Bedrock: Converse's bodies and those of every maker of a model there, in one shape."""

import msgspec

from costsim.formats.shared.envelope import NO_RAW, Scalar


class Block(msgspec.Struct, gc=False, rename="camel", omit_defaults=True):
    """One block of a message: Converse names its kind by its key, Anthropic by `type`."""

    type: str | None = None
    text: msgspec.Raw = NO_RAW
    """Decoded when it is needed."""
    thinking: str | None = None
    input: msgspec.Raw = NO_RAW
    content: msgspec.Raw = NO_RAW
    tool_use: msgspec.Raw = NO_RAW
    tool_result: msgspec.Raw = NO_RAW
    reasoning_content: msgspec.Raw = NO_RAW
    guard_content: msgspec.Raw = NO_RAW
    image: msgspec.Raw = NO_RAW
    document: msgspec.Raw = NO_RAW
    video: msgspec.Raw = NO_RAW
    audio: msgspec.Raw = NO_RAW
    source: msgspec.Raw = NO_RAW


class Message(msgspec.Struct, gc=False):
    """One message."""

    role: str | None = None
    content: str | list[Block] | None = None


class Inference(msgspec.Struct, gc=False, rename="camel"):
    """What the answer shall be like."""

    max_tokens: int | None = None
    max_token_count: int | None = None
    temperature: float | None = None


class Tools(msgspec.Struct, gc=False):
    """The tools that Converse offers to a model."""

    tools: msgspec.Raw = NO_RAW


class Request(msgspec.Struct, gc=False):
    """The body of a request, as Converse and the makers have it."""

    model_id: str | None = msgspec.field(default=None, name="modelId")
    messages: list[Message] | None = None
    system: str | list[Block] | None = None
    prompt: str | None = None
    input_text: str | None = msgspec.field(default=None, name="inputText")
    texts: list[str] | None = None
    documents: list[msgspec.Raw] | None = None
    tools: msgspec.Raw = NO_RAW
    tool_config: Tools | None = msgspec.field(default=None, name="toolConfig")
    inference: Inference | None = msgspec.field(default=None, name="inferenceConfig")
    generation: Inference | None = msgspec.field(default=None, name="textGenerationConfig")
    max_tokens: int | None = None
    max_gen_len: int | None = None
    max_tokens_to_sample: int | None = None
    temperature: float | None = None
    metadata: msgspec.Raw = msgspec.field(default=NO_RAW, name="requestMetadata")


class Lifetime(msgspec.Struct, gc=False, rename="camel"):
    """The cache writes of one lifetime."""

    ttl: str | None = None
    input_tokens: int | None = None


class Lifetimes(msgspec.Struct, gc=False):
    """Anthropic's cache writes by lifetime."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Details(msgspec.Struct, gc=False):
    """Parts of counts: of OpenAI's shape, and of Anthropic's."""

    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    thinking_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """Counts as the models of different makers give them."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: Lifetimes | None = None
    output_tokens_details: Details | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: Details | None = None
    completion_tokens_details: Details | None = None
    converse_input: int | None = msgspec.field(default=None, name="inputTokens")
    converse_output: int | None = msgspec.field(default=None, name="outputTokens")
    converse_read: int | None = msgspec.field(default=None, name="cacheReadInputTokens")
    converse_written: int | None = msgspec.field(default=None, name="cacheWriteInputTokens")
    nova_read: int | None = msgspec.field(default=None, name="cacheReadInputTokenCount")
    nova_written: int | None = msgspec.field(default=None, name="cacheWriteInputTokenCount")
    lifetimes: list[Lifetime] | None = msgspec.field(default=None, name="cacheDetails")


class Counts(msgspec.Struct, gc=False, rename="camel"):
    """What Bedrock itself counts: the end of a stream, and both sides of an invocation log."""

    input_token_count: int | None = None
    output_token_count: int | None = None
    cache_read_input_token_count: int | None = None
    cache_write_input_token_count: int | None = None
    invocation_latency: float | None = None
    first_byte_latency: float | None = None


class Metrics(msgspec.Struct, gc=False, rename="camel"):
    """What Converse measured."""

    latency_ms: float | None = None


class Tier(msgspec.Struct, gc=False):
    """The service tier of a request or an answer."""

    type: str | None = None


class Performance(msgspec.Struct, gc=False):
    """Whether a call ran on hardware that costs more."""

    latency: str | None = None


class Spoken(msgspec.Struct, gc=False):
    """One of the answers of a maker that gives several: its text, under one of several names."""

    text: str | None = None
    output_text: str | None = msgspec.field(default=None, name="outputText")
    token_count: int | None = msgspec.field(default=None, name="tokenCount")
    completion_reason: str | None = msgspec.field(default=None, name="completionReason")
    finish_reason: Scalar = None
    stop_reason: str | None = None
    message: Message | None = None
    data: "Spoken | None" = None


class Output(msgspec.Struct, gc=False):
    """Where Converse and Nova put the message."""

    message: Message | None = None


class Metadata(msgspec.Struct, gc=False):
    """The last event of a stream of Converse."""

    usage: Usage | None = None
    metrics: Metrics | None = None
    tier: Tier | None = msgspec.field(default=None, name="serviceTier")
    trace: msgspec.Raw = NO_RAW


class Kept(msgspec.Struct, gc=False):
    """What boto3 says of the exchange."""

    request_id: str | None = msgspec.field(default=None, name="RequestId")
    status: int | None = msgspec.field(default=None, name="HTTPStatusCode")
    headers: dict[str, Scalar] | None = msgspec.field(default=None, name="HTTPHeaders")
    retries: int | None = msgspec.field(default=None, name="RetryAttempts")


class KeptBySdk(msgspec.Struct, gc=False, rename="camel"):
    """What the SDK for JavaScript says of the exchange."""

    request_id: str | None = None
    attempts: int | None = None


class Refused(msgspec.Struct, gc=False):
    """Why there is no answer, as boto3 says it."""

    code: str | None = msgspec.field(default=None, name="Code")


class Response(msgspec.Struct, gc=False):
    """The body of an answer, as Converse and the makers have it."""

    id: str | None = None
    model: str | None = None
    type: str | None = None
    output: Output | None = None
    content: str | list[Block] | None = None
    completion: str | None = None
    generation: str | None = None
    results: list[Spoken] | None = None
    generations: list[Spoken] | None = None
    completions: list[Spoken] | None = None
    choices: list[Spoken] | None = None
    outputs: list[Spoken] | None = None
    stop_reason: str | None = None
    converse_stop: str | None = msgspec.field(default=None, name="stopReason")
    usage: Usage | None = None
    prompt_token_count: int | None = None
    generation_token_count: int | None = None
    input_text_token_count: int | None = msgspec.field(default=None, name="inputTextTokenCount")
    metrics: Metrics | None = None
    counts: Counts | None = msgspec.field(default=None, name="amazon-bedrock-invocationMetrics")
    guardrail: str | None = msgspec.field(default=None, name="amazon-bedrock-guardrailAction")
    trace: msgspec.Raw = NO_RAW
    own_trace: msgspec.Raw = msgspec.field(default=NO_RAW, name="amazon-bedrock-trace")
    tier: Tier | None = msgspec.field(default=None, name="serviceTier")
    performance: Performance | None = msgspec.field(default=None, name="performanceConfig")
    embedding: msgspec.Raw = NO_RAW
    embeddings: msgspec.Raw = NO_RAW
    images: msgspec.Raw = NO_RAW
    error: msgspec.Raw = NO_RAW
    kept: Kept | None = msgspec.field(default=None, name="ResponseMetadata")
    kept_by_sdk: KeptBySdk | None = msgspec.field(default=None, name="$metadata")
    refused: Refused | None = msgspec.field(default=None, name="Error")


class Delta(msgspec.Struct, gc=False, rename="camel"):
    """A piece of an answer."""

    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = msgspec.field(default=None, name="partial_json")
    tool_use: msgspec.Raw = NO_RAW
    stop_reason: str | None = msgspec.field(default=None, name="stop_reason")


class BlockDelta(msgspec.Struct, gc=False):
    """A piece of an answer of Converse."""

    delta: Delta | None = None
    index: int | None = msgspec.field(default=None, name="contentBlockIndex")


class Stop(msgspec.Struct, gc=False):
    """The end of a message of Converse."""

    reason: str | None = msgspec.field(default=None, name="stopReason")


class Event(Response):
    """One event of a stream: of Converse, of Anthropic, or a response in pieces."""

    message: Response | None = None
    index: int | None = None
    """Which block of the answer an event of Anthropic's adds to."""
    delta: Delta | None = None
    piece: BlockDelta | None = msgspec.field(default=None, name="contentBlockDelta")
    stop: Stop | None = msgspec.field(default=None, name="messageStop")
    metadata: Metadata | None = None
    output_text: str | None = msgspec.field(default=None, name="outputText")
    chunk: "Event | None" = None
