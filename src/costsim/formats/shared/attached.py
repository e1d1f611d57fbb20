"""What requests carry besides text, images and files, told apart by all that they are made of, an address or an id.

Many logs keep less: a placeholder, the beginning of the data, a reference of their own. What may not be all of it tells
nothing apart, so that of two requests about two images it is never said that they are one.
"""

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from costsim.formats.shared.envelope import NO_RAW
from costsim.schema import NOT_ALL, Call

_KINDS = frozenset(
    {
        "image_url", "input_image", "image", "input_audio", "audio", "video_url", "input_video", "video", "file",
        "input_file", "document", "container_upload", "media", "blob", "uri", "image-url", "image-data", "file-data",
    }
)  # fmt: skip
_HOLDERS = frozenset(
    {
        "image_url", "input_audio", "inline_data", "inlineData", "file_data", "fileData", "image", "images", "document",
        "video", "audio",
    }
)  # fmt: skip
"""Names under which something attached stands, where no type says so."""
_SOURCES = frozenset(
    {
        "url", "image_url", "video_url", "data", "bytes", "file_id", "fileId", "file_data", "fileData", "file_uri",
        "fileUri", "uri", "image", "images", "source", "content",
    }
)  # fmt: skip
_IDS = frozenset({"file_id", "fileId"})
_ADDRESS = re.compile(r"(?:https?|gs|s3)://[^\s<>\[\]{}]+")
_ID = re.compile(r"[\w.-]{8,200}|@@@langfuseMedia:type=[^|@]+\|id=[\w-]{20,}\|source=\w+@@@")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_LEFT_OUT = re.compile(r"\.\.\.|…|redacted|truncated|omitted|removed|placeholder", re.IGNORECASE)
_ENDS = (b"\xaeB`\x82", b"\xff\xd9", b"\x00;", b"%%EOF", b"%%EOF\n", b"%%EOF\r\n")
"""How files of PNG, JPEG, GIF and PDF end."""
_RIFF = 8
"""Bytes of a RIFF file (WebP, WAV) that its own length leaves out."""


def note(call: Call, kinds: set[str]) -> None:
    """Note in `call` that its request carries something of these kinds: image, audio, video or file."""
    call.modalities = "+".join(sorted(kinds.union((call.modalities or "").split("+")) - {""}))


def put(call: Call, *asked: Any) -> None:
    """Note in `call`, where its request carries more than text, what tells that from others.

    `asked` is all of the request that is said or attached, as typed rows, plain values or JSON.
    """
    if call.modalities is not None:
        call.attached = fingerprint(asked)


def go_on(call: Call, answer: str | None, conversation: str | None) -> None:
    """Note in `call` that its request goes on from an earlier answer or a conversation, whose text it does not repeat.

    After one answer there is one text; what a conversation holds by then, its name does not tell.
    """
    if call.modalities is not None and call.attached is None:
        return
    if answer:
        call.attached = xxh3_64_intdigest(f"{call.attached}\0{answer}".encode("utf-8", "surrogatepass"))
    elif conversation:
        call.attached = NOT_ALL


def fingerprint(asked: Iterable[Any]) -> int | None:
    """Return a hash of a request that carries more than text; None where that is not there, or not all of it."""
    try:
        text = msgspec.json.encode([None if each is NO_RAW else each for each in asked])
        sources = list(_sources(msgspec.json.decode(text)))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return xxh3_64_intdigest(text) or None if sources and all(sources) else None


def _sources(value: Any) -> Iterator[bool]:
    """Of each thing that is attached, whether it is there as a whole."""
    if isinstance(value, list):
        for each in value:
            yield from _sources(each)
    elif isinstance(value, dict):
        if str(value.get("type")) in _KINDS:
            yield _are_whole(_told(value))
            return
        for name, each in value.items():
            if each and name in _HOLDERS:
                yield _are_whole(_told(each, name))
            else:
                yield from _sources(each)


def _are_whole(told: Iterable[bool]) -> bool:
    found = list(told)
    return bool(found) and all(found)


def _told(value: Any, name: str = "") -> Iterator[bool]:
    """Of each source that stands within something attached, whether it is whole."""
    if isinstance(value, str):
        if name in _SOURCES:
            yield _is_whole(value, name)
    elif isinstance(value, dict):
        for inner, each in value.items():
            yield from _told(each, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _told(each, name)


def _is_whole(source: str, name: str) -> bool:
    if source.startswith("data:"):
        return _is_all_data(source.partition(",")[2])
    if _ADDRESS.fullmatch(source):
        return _LEFT_OUT.search(source) is None
    if name in _IDS or source.startswith(("file-", "file_", "@@@")):
        return _ID.fullmatch(source) is not None and _LEFT_OUT.search(source) is None
    return _is_all_data(source)


def _is_all_data(text: str) -> bool:
    """Whether a text is base64 that nothing was cut off of: padded at its end, or it ends as its kind of file does."""
    if len(text) % 4 or _BASE64.fullmatch(text) is None:
        return False
    if text.endswith("="):
        return True
    try:
        first, last = b64decode(text[:12], b"-_"), b64decode(text[-12:], b"-_")
    except NoBase64:
        return False
    size = int.from_bytes(first[4:8], "little") + _RIFF if first.startswith(b"RIFF") else 0
    return last.endswith(_ENDS) or size == len(text) // 4 * 3
