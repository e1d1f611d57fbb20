"""Writes the worked examples: small logs, prices and policies whose result can be worked out by hand.

`python -m sample_logs.generate` writes them too. Every example is a folder of sample_logs/examples with log, policy
and, where the models are made up, prices.yaml; tests/test_worked_examples.py holds what each must come to.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "examples"
_DAY = datetime(2026, 10, 1, tzinfo=UTC)
_COLUMNS = ("id", "time", "model", "input_tokens", "output_tokens", "cached_tokens", "user", "tags")
_CHARACTERS_OF_A_TOKEN = 4


def write() -> None:
    """Write the logs of all examples."""
    _write("1-three-tiers", _spread(100, 3000, "strong", 1000))
    _write("2-the-mix", _spread(1000, 1000, "strong", 1000))
    _write_prompts("3-a-reusable-prompt", calls=1000, system_tokens=4000)
    _write("4-batch-and-cache", _batches())
    _write("5-a-cascade", _spread(200, 200, "strong", 1000))
    _write("6-plans", _plans())
    _write("7-as-logged", _of_three_models())


def _spread(per_day: int, calls: int, model: str, input_tokens: int) -> Iterable[dict[str, object]]:
    """Calls of one size, at equal distances."""
    for number in range(calls):
        at = _DAY + timedelta(days=1) * number / per_day
        yield {
            "id": f"call-{number}",
            "time": _text(at),
            "model": model,
            "input_tokens": input_tokens,
            "output_tokens": 0,
        }


def _batches() -> Iterable[dict[str, object]]:
    """Ten calls each of a model whose batch has a price for cached input, and of one whose batch has none."""
    for number in range(20):
        model = "both" if number % 2 else "batch-only"
        at = _DAY + timedelta(minutes=number)
        yield {"id": f"call-{number}", "time": _text(at), "model": model, "input_tokens": 1000, "output_tokens": 100,
               "cached_tokens": 800}  # fmt: skip


def _plans() -> Iterable[dict[str, object]]:
    """A free, a pro and an enterprise user, each with more than a free month's tokens, over two months."""
    number = 0
    for month in (9, 10):
        for plan, calls in (("free", 10), ("pro", 150), ("enterprise", 150)):
            for place in range(calls):
                at = datetime(2026, month, 1, tzinfo=UTC) + timedelta(minutes=place)
                yield {"id": f"call-{number}", "time": _text(at), "model": "strong", "input_tokens": 9000,
                       "output_tokens": 1000, "user": f"{plan}-user", "tags": json.dumps({"plan": plan})}  # fmt: skip
                number += 1


def _of_three_models() -> Iterable[dict[str, object]]:
    """Calls of no two sizes on real models, some of them with cached input."""
    for number in range(60):
        model = ("gpt-5.5", "claude-sonnet-4-6", "gemini-2.5-flash")[number % 3]
        yield {"id": f"call-{number}", "time": _text(_DAY + timedelta(minutes=number)), "model": model,
               "input_tokens": 2000 + 37 * number, "output_tokens": 101 + 7 * number,
               "cached_tokens": 1024 if number % 4 == 0 else 0}  # fmt: skip


def _write(name: str, rows: Iterable[dict[str, object]]) -> None:
    found = list(rows)
    columns = [column for column in _COLUMNS if any(column in row for row in found)]
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    table.writeheader()
    table.writerows(found)
    _pack(FOLDER / name / "log.csv.gz", text.getvalue())


def _write_prompts(name: str, calls: int, system_tokens: int) -> None:
    """Calls of a route whose system prompt never changes, every 8.64 seconds: ten thousand a day."""
    system = _words(system_tokens * _CHARACTERS_OF_A_TOKEN)
    lines = [json.dumps(_message(number, system)) for number in range(calls)]
    _pack(FOLDER / name / "log.jsonl.gz", "\n".join([*lines, ""]))


def _message(number: int, system: str) -> dict[str, object]:
    at = _DAY + timedelta(seconds=8.64) * number
    question = f"Where is order {number:06}, and when will it be delivered to me at last, please?".ljust(400, ".")
    usage = {"input_tokens": 4100, "output_tokens": 60}
    return {
        "timestamp": _text(at),
        "request": {"model": "claude-sonnet-4-6", "max_tokens": 500, "system": system,
                    "messages": [{"role": "user", "content": question}]},
        "response": {"id": f"msg_{number:06}", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6",
                     "content": [{"type": "text", "text": "It will be with you tomorrow."}], "stop_reason": "end_turn",
                     "usage": usage},
    }  # fmt: skip


def _words(characters: int) -> str:
    """House rules, numbered, so that no part of the text is the same as another."""
    rules: list[str] = []
    length = 0
    while length < characters:
        rules.append(f"Rule {len(rules) + 1}: answer shortly, never promise a day, and send what you do not know on. ")
        length += len(rules[-1])
    return "".join(rules)[:characters]


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pack(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def names() -> Sequence[str]:
    """Return the folders of the examples."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
