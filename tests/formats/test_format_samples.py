"""Each format's sample log and, in a file beside it, its calls: COSTSIM_REWRITE_GOLDENS=1 pytest tests/formats."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from costsim.app.reading import Reading, calls_of
from costsim.formats import FORMATS
from costsim.schema import SCHEMA

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"
EXPECTED = "expected.json"
NOT_SHOWN = {
    "source", "task", "task_confidence", "complexity", "complexity_score", "prompt_hash", "prefix_hashes",
    "prefix_tokens", "system_tokens", "history_tokens", "user_tokens", "tool_tokens",
}  # fmt: skip
"""What says of the format itself, and what follows from texts by rules of its own tests."""


def found(logs: list[str], home: Path) -> dict[str, Any]:
    """What the files come to: what became of their lines, and of each call all that is known of it."""
    shown = [name for name in SCHEMA.names if name not in NOT_SHOWN]
    with calls_of(logs, Reading(home=home, workers=1)) as store:
        sources, rows = store.manifest.sources, [row for batch in store.batches(shown) for row in batch.to_pylist()]
        counts = {
            name: sum(getattr(each, name) for each in sources) for name in ("lines", "calls", "rejected", "not_calls")
        }
        counts["duplicates"] = store.manifest.duplicates
        formats = sorted({each.format for each in sources})
    calls = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return {"formats": formats, "lines": counts, "calls": json.loads(json.dumps(calls, default=str))}


@pytest.mark.parametrize("folder", sorted(SAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_a_sample_of_each_format_has_the_calls_that_are_known_to_be_in_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # ids of calls without one are made of the file's name
    logs = sorted(path.name for path in folder.iterdir() if path.name != EXPECTED)
    came_to, golden = found(logs, tmp_path), folder / EXPECTED
    if os.environ.get("COSTSIM_REWRITE_GOLDENS"):
        golden.write_text(json.dumps(came_to, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert folder.name in came_to["formats"]
    assert folder.name in FORMATS
    assert came_to == json.loads(golden.read_text(encoding="utf-8"))
