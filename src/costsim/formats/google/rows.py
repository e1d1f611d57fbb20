"""The typed rows of `gemini`, spelled as Google's Python libraries and BigQuery do; the API itself uses camel case."""

import msgspec

from costsim.formats.shared.envelope import NO_RAW, Envelope, Scalar
from costsim.formats.shared.spelled import in_camel_case


class Blob(msgspec.Struct, gc=False, omit_defaults=True):
    """What a part carries that is no text."""

    mime_type: str | None = None
    data: msgspec.Raw = NO_RAW
    file_uri: msgspec.Raw = NO_RAW


class Part(msgspec.Struct, gc=False, omit_defaults=True):
    """One part of a content."""

    text: msgspec.Raw = NO_RAW
    """Decoded when it is needed."""
    function_call: msgspec.Raw = NO_RAW
    function_response: msgspec.Raw = NO_RAW
    executable_code: msgspec.Raw = NO_RAW
    code_execution_result: msgspec.Raw = NO_RAW
    inline_data: Blob | None = None
    file_data: Blob | None = None
    video_metadata: msgspec.Raw = NO_RAW
    """Which clip of a video; not decoded, and told apart by."""


class Content(msgspec.Struct, gc=False):
    """One message."""

    role: str | None = None
    parts: list[Part] | None = None


class GenerationConfig(msgspec.Struct, gc=False):
    """What the answer shall be like."""

    max_output_tokens: int | None = None
    temperature: float | None = None
    response_mime_type: str | None = None


class Embed(msgspec.Struct, gc=False):
    """One text to embed: of a batch, or an instance that Vertex predicts."""

    content: Content | str | None = None


class Request(msgspec.Struct, gc=False):
    """The body of a request for content or embeddings."""

    model: str | None = None
    contents: list[Content | str] | Content | str | None = None
    system_instruction: Content | str | None = None
    generation_config: GenerationConfig | None = None
    tools: msgspec.Raw = NO_RAW
    labels: msgspec.Raw = NO_RAW
    content: Content | None = None
    requests: list[Embed] | None = None
    instances: list[Embed] | None = None


class Count(msgspec.Struct, gc=False):
    """The tokens of one modality."""

    modality: Scalar = None
    token_count: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The token counts of an answer, or of a stream up to one of its chunks."""

    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    response_token_count: int | None = None
    """What the Live API calls the candidates' tokens."""
    thoughts_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    total_token_count: int | None = None
    prompt_tokens_details: list[Count] | None = None
    tool_use_prompt_tokens_details: list[Count] | None = None
    candidates_tokens_details: list[Count] | None = None
    response_tokens_details: list[Count] | None = None
    traffic_type: Scalar = None
    service_tier: str | None = None


class Chunk(msgspec.Struct, gc=False):
    """One source that an answer is grounded in."""

    maps: msgspec.Raw = NO_RAW


class Grounding(msgspec.Struct, gc=False):
    """What an answer is grounded in."""

    web_search_queries: list[str | None] | None = None
    grounding_chunks: list[Chunk] | None = None


class Candidate(msgspec.Struct, gc=False):
    """One answer, or a fragment of it in a stream."""

    content: Content | None = None
    finish_reason: Scalar = None
    grounding_metadata: Grounding | None = None


class Feedback(msgspec.Struct, gc=False):
    """What the API says of the prompt."""

    block_reason: Scalar = None


class Error(msgspec.Struct, gc=False):
    """What the API says of a request that it refused."""

    code: Scalar = None
    status: str | None = None


class Statistics(msgspec.Struct, gc=False):
    """The size of a text that was embedded."""

    tokens: float | None = msgspec.field(default=None, name="token_count")  # in either spelling of the rest


class Embedding(msgspec.Struct, gc=False):
    """A text that was embedded."""

    statistics: Statistics | None = None


class Prediction(msgspec.Struct, gc=False):
    """What Vertex predicts of one instance; only embeddings are counted in tokens."""

    embeddings: Embedding | None = None


class Response(msgspec.Struct, gc=False):
    """The body of an answer, or one chunk of a stream."""

    candidates: list[Candidate] | None = None
    usage_metadata: Usage | None = None
    model_version: str | None = None
    response_id: str | None = None
    create_time: Scalar = None
    prompt_feedback: Feedback | None = None
    error: Error | str | None = None
    embedding: msgspec.Raw = NO_RAW
    embeddings: msgspec.Raw = NO_RAW
    predictions: list[Prediction] | None = None


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | str | None = None
    url: str | None = None


class LoggedResponse(Response):
    """A response as loggers of HTTP exchanges write it: its body apart."""

    body: Response | str | None = None
    body_raw: str | None = None
    status_code: int | None = None


class Line(Envelope):
    """One line of a log."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: list[Response] | LoggedResponse | str | None = None
    response_body: list[Response] | Response | str | None = None
    response_text: str | None = None
    body: Response | None = None
    error: Error | str | None = None
    key: Scalar = None
    """What a batch calls the request."""
    processed_time: Scalar = None
    """When Vertex worked on a batch's line."""


_OF_LOGGERS = {*Line.__struct_fields__, "body_raw", "status_code"}
CamelRequest = in_camel_case(Request, _OF_LOGGERS)
CamelResponse = in_camel_case(Response, _OF_LOGGERS)
CamelLine = in_camel_case(Line, _OF_LOGGERS)
