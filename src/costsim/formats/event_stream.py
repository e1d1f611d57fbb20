"""Recorded server-sent events, the text of a stream as proxies and recorders write it, to JSON payloads."""


def looks_like_events(text: str) -> bool:
    """Whether `text` is a recorded event stream."""
    return text.lstrip()[:6] in ("data: ", "data:{", "event:", ": ping")


def payloads(text: str) -> list[bytes]:
    """Return the JSON payload of each `data:` line in order; `[DONE]` and comments are left out."""
    found = []
    for line in text.splitlines():
        if line.startswith("data:"):
            payload = line[5:].strip()
            if payload and payload != "[DONE]":
                found.append(payload.encode())
    return found
