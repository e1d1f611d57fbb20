"""Questions about images and files are the same request where the log holds what is attached, and it is the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Costsim

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
WHOLE = {"type": "image_url", "image_url": {"url": "https://example.com/products/17.png"}}
FILE = {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA"}}


def asked(number: int, *attached: dict[str, Any]) -> dict[str, Any]:
    content = [{"type": "text", "text": "Which of our products is it? Answer with its name."}, *attached]
    return {
        "timestamp": f"2026-10-01T00:0{number}:00Z",
        "request": {"model": "gpt-5.4", "messages": [{"role": "user", "content": content}]},
        "response": {
            "id": f"chatcmpl-{number}",
            "model": "gpt-5.4",
            "choices": [{"message": {"role": "assistant", "content": "The blue one."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9000, "completion_tokens": 20},
        },
    }


@pytest.mark.parametrize(("attached", "repeats"), [([], 3), ([WHOLE], 3), ([IMAGE], 0), ([FILE], 0)])
def test_only_requests_of_which_all_is_known_are_called_identical(
    costsim: Costsim, folder: Path, attached: list[dict[str, Any]], repeats: int
) -> None:
    rows = [asked(number, *attached) for number in range(4)]
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    findings = json.loads(costsim("audit", "log.jsonl", "--format", "json").out)["findings"]
    assert sum(found["calls"] for found in findings if found["id"] == "identical-requests") == repeats
    assert any(found["id"] == "uncached-prefix" for found in findings) == (not attached)
