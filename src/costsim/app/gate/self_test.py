"""Proof that the gate can fail: logs made up here, with a change that is known, through the whole of `check`."""

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from costsim import prices
from costsim.app.asked import Asked, understood
from costsim.app.gate import baseline
from costsim.app.reading import Reading
from costsim.errors import EvidenceError
from costsim.summary.gate.baseline import Baseline
from costsim.summary.gate.budgets import Spending
from costsim.summary.gate.cases import Pairs
from costsim.summary.gate.judge import judge
from costsim.summary.gate.limits import Limits

_CALLS, _HOUR = 400, 3600
_START = 1_790_000_000
_SEED = 7


class _Story(msgspec.Struct, frozen=True):
    """A log that differs from the first one in one way."""

    name: str
    expected: str
    longer: float = 1.0
    """How many times the input of `support` is what it was."""
    times: int = 1
    """How many times as many calls."""
    search: float = 0.5
    """Share of the calls that are of the dear route `search`."""
    calls: int = _CALLS


STORIES = (
    _Story("nothing changed", "pass"),
    _Story("twice the calls, nothing else", "pass", times=2),
    _Story("more calls of a dear route", "pass", search=0.8),
    _Story("`support` sends 30 % more input", "fail", longer=1.3),
    _Story("only ten calls", "no evidence", calls=10),
)


def self_test() -> list[str]:
    """Return a line for each log that was judged as it must be; EvidenceError where one was not."""
    table = prices.load(())
    question = understood(Asked())
    with tempfile.TemporaryDirectory(prefix="costsim-") as folder:

        def figures(story: _Story, seed: int) -> Baseline:
            path = Path(folder) / f"{seed}.jsonl"
            path.write_text("".join(f"{json.dumps(call)}\n" for call in _calls(story, seed)), encoding="utf-8")
            return baseline.figures([str(path)], Reading(keep=False, workers=1), table, question, Pairs(most=0))[0]

        before = figures(STORIES[0], _SEED)
        said = []
        for place, story in enumerate(STORIES):
            found = judge(before, figures(story, _SEED + 1 + place), Limits(), Spending())
            if found.verdict != story.expected:
                what = f"{story.name}: {found.verdict} where {story.expected} is right"
                raise EvidenceError(what, where="--self-test", hint="this gate cannot be trusted; please report it")
            said.append(f"ok: {story.name}: {found.verdict}")
    return said


def _calls(story: _Story, seed: int) -> Iterator[dict[str, object]]:
    draw = random.Random(seed)
    for number in range(story.calls * story.times):
        route = "search" if draw.random() < story.search else "support"
        usual = 9_000 if route == "search" else 3_000 * story.longer
        yield {
            "call_id": f"{seed}-{number}",
            "started_at": _START + number * _HOUR // story.times,
            "model": "gpt-5.4",
            "route": route,
            "input_tokens": round(usual * draw.lognormvariate(0, 0.2)),
            "output_tokens": round(200 * draw.lognormvariate(0, 0.3)),
        }
