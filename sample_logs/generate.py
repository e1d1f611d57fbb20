"""Writes the sample logs anew, from their seeds: `python -m sample_logs.generate`.

The same seed gives the same lines, and with the same zlib the same bytes. What is hidden in each log goes to
facts.json and into README.md.
"""

import gzip
import json
from pathlib import Path
from random import Random

from sample_logs import worked
from sample_logs.stories.agent import story as coding_agent
from sample_logs.stories.pipeline import story as document_pipeline
from sample_logs.stories.readme import update
from sample_logs.stories.support import story as support_assistant

FOLDER = Path(__file__).resolve().parent
STORIES = {
    "support_assistant": support_assistant,
    "document_pipeline": document_pipeline,
    "coding_agent": coding_agent,
}
SEED = 20_261_001


def main() -> None:
    """Writes every story, its facts, and the figures in the README."""
    facts = {}
    worked.write()
    for name, story in STORIES.items():
        told = story(Random(f"{SEED}-{name}"))
        text = "".join(f"{line}\n" for line in told.lines).encode()
        packed = gzip.compress(text, compresslevel=9, mtime=0)
        (FOLDER / f"{name}.jsonl.gz").write_bytes(packed)
        facts[name] = told.facts
        sizes = f"{len(text) / 1e6:.1f} MB, packed {len(packed) / 1e6:.2f} MB"
        print(f"{name}: {told.facts['calls']:,} calls, {sizes}")
    (FOLDER / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")
    update(FOLDER / "README.md", facts)


if __name__ == "__main__":
    main()
