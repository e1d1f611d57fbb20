"""The typed rows of `azure_log`; Log Analytics' names, `DurationMs` and `modelName_s`, become those of the export."""

from base64 import b64decode
from binascii import Error as NoBase64
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.envelope import Scalar


class Properties(msgspec.Struct, gc=False, rename="camel"):
    """What a row says of the call, beside when and where it was."""

    deployment: str | None = msgspec.field(default=None, name="modelDeploymentName")
    deployment_name: str | None = None
    model_name: str | None = None
    model_version: str | None = None
    request_time: Scalar = None
    response_time: Scalar = None
    request_length: float | None = None
    response_length: float | None = None
    stream_type: str | None = None

    url: str | None = None
    backend_url: str | None = None
    response_code: int | None = None
    backend_response_code: int | None = None
    request_body: Any = None
    response_body: Any = None
    backend_request_body: Any = None
    backend_response_body: Any = None
    request_size: float | None = None
    response_size: float | None = None
    cache: str | None = None
    backend_time: Scalar = None
    total_time: Scalar = None
    api_id: Scalar = None
    product_id: Scalar = None
    subscription_id: Scalar = msgspec.field(default=None, name="apimSubscriptionId")
    user_id: Scalar = None
    region: str | None = None

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    is_stream: bool | None = msgspec.field(default=None, name="isStreamCompletion")
    request_id: str | None = None

    def question(self) -> str | None:
        """The request's body, as the model's server saw it or else as it came."""
        return _as_text(self.backend_request_body or self.request_body)

    def answer(self) -> str | None:
        """The response's body, as the model's server sent it or else as it went on."""
        return _as_text(self.backend_response_body or self.response_body)


def _as_text(body: Any) -> str | None:
    """A body as it was sent: pipelines open JSON in texts, and policies of a gateway may write base64."""
    if isinstance(body, dict | list):
        return msgspec.json.encode(body).decode()
    if not isinstance(body, str) or not body.startswith(_IN_BASE64):
        return body or None if isinstance(body, str) else None
    try:
        return b64decode(body, validate=True).decode("utf-8", "replace")
    except (NoBase64, ValueError):
        return body


class Row(msgspec.Struct, gc=False, rename="camel"):
    """One row of any of the logs."""

    time: Scalar = None
    category: str | None = None
    operation_name: str | None = None
    result_signature: Scalar = None
    duration_ms: Scalar = None
    correlation_id: str | None = None
    location: str | None = None
    properties: Properties | str | None = None


_IN_BASE64 = ("ey", "ew", "ZGF0YT", "ZXZlbnQ")
"""How an object, or a recorded stream, begins in base64."""

_row = TolerantDecoder(Row).decode
_properties = TolerantDecoder(Properties).decode
_NOTHING = Properties()

_PASCAL = (b"TimeGenerated", b"BackendUrl", b"BackendResponseBody", b"ModelDeploymentName", b"PromptTokens")
"""Names that tell that a row is in the spelling of Log Analytics."""
_ENDINGS = ("_s", "_d", "_g", "_b", "_t")
"""What Log Analytics puts behind a column's name for its type."""
_BY_LOWER_NAME = {
    each.encode_name.lower(): each.encode_name
    for kind in (Row, Properties)
    for each in msgspec.structs.fields(kind)
} | {"timegenerated": "time"}  # fmt: skip


def read(record: bytes) -> tuple[Row, Properties]:
    """Return a row and its properties, which may be an object, JSON in a text, or columns of the row itself."""
    row = _row(record)
    if row.time is not None and isinstance(row.properties, Properties) and row.properties != _NOTHING:  # as a rule
        return row, row.properties
    if any(name in record for name in _PASCAL):
        record = _as_exported(record)
        row = _row(record)
    properties = row.properties
    if isinstance(properties, str):
        properties = _from_text(properties)
    return row, properties if properties is not None else _properties(record)


def _from_text(text: str) -> Properties:
    try:
        return _properties(text.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return Properties()


def _as_exported(record: bytes) -> bytes:
    """A row of Log Analytics under the names of the export."""
    plain = msgspec.json.decode(record)
    if not isinstance(plain, dict):
        return record
    return msgspec.json.encode(_renamed(plain))


def _renamed(columns: dict[str, Any]) -> dict[str, Any]:
    found = {_name(key): value for key, value in columns.items() if value not in (None, "")}
    inner = found.get("properties")
    if isinstance(inner, str):
        try:
            inner = msgspec.json.decode(inner)
        except msgspec.DecodeError:
            inner = None
    if isinstance(inner, dict):
        found["properties"] = _renamed(inner)
    return found


def _name(column: Any) -> str:
    plain = str(column)
    if plain.endswith(_ENDINGS):
        plain = plain[:-2]
    return _BY_LOWER_NAME.get(plain.lower(), plain)
