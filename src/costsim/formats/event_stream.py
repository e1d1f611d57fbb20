"""Recorded streams as proxies and recorders write them: server-sent events, or an object a line, to JSON payloads."""


def looks_like_events(text: str) -> bool:
    """Whether `text` is a recorded event stream; a line that begins with a colon is a comment."""
    return text.lstrip().startswith(("data:", "event:", ":", "id:", "retry:"))


def payloads(text: str) -> list[bytes]:
    """Return the JSON payload of each `data:` line in order; `[DONE]` and comments are left out."""
    found = []
    for line in text.splitlines():
        if line.startswith("data:"):
            payload = line[5:].strip()
            if payload and payload != "[DONE]":
                found.append(payload.encode())
    return found


def json_payloads(text: str) -> list[bytes]:
    """Return the payloads of recorded events, or the objects of text that has one a line; of other text, none."""
    if looks_like_events(text):
        return payloads(text)
    lines = [line.strip() for line in text.splitlines()]
    return [line.encode("utf-8", "replace") for line in lines if line.startswith("{") and line.endswith("}")]
