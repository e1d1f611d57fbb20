"""Where processes are not forked (macOS, Windows), all that a worker is given or gives back is handed over in bytes."""

import pickle
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from costsim.app.asked import Asked
from costsim.app.audit import audit
from costsim.app.gate.check import Against, check
from costsim.app.ingest import ingest
from costsim.app.reading import Reading
from costsim.app.simulate import Wanted, simulate
from costsim.engines import ENGINES
from costsim.summary.gate.limits import Limits

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
LOGS = [str(SAMPLES / "coding_agent.jsonl.gz")]

POLICY = """
version: 1
name: everything
tiers: {cheap: {models: [gpt-5.4-mini, claude-haiku-4-5]}}
rules:
  - name: worded
    when: {model: {matches: "^gpt"}, input_tokens: {between: [0, 3000]}, output_tokens: {lte: 900}}
    route: {cascade: [{tier: cheap}, {model: gpt-5.5}], escalate: {rate: observed, verifier: {model: gpt-5.4-mini}}}
  - name: limited
    when: {task: {not: [code]}, started_at: {gte: 2026-01-01}}
    route: {model: claude-sonnet-4-6, budget: {per: user, every: day, tokens: 50000, then: {model: gpt-5.4-mini}}}
  - {name: rest, when: {status: {is: ok}}, route: {model: claude-sonnet-4-6, sticky: conversation}}
levers: {prompt_cache: {simulate: true}, response_cache: {ttl: 1h}, trim: {history_tokens: 0.5}}
fallback: {on: [error], rate: observed, retries: 1, then: [gpt-5.5]}
limits: {max_cost_per_call: 5}
"""


class HandingOver:
    """Applies a function here, as if each worker had been given it in bytes."""

    def map(
        self,
        function: Callable[[Any], Any],
        items: Iterable[Any],
        workers: int,  # noqa: ARG002  one is enough
    ) -> Generator[Any, None, None]:
        given = _handed_over(function)
        for item in items:
            yield _handed_over(given(_handed_over(item)))


def _handed_over(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def _here_and_there(report: Callable[[], Any]) -> list[bytes]:
    """What a report says that is made here, and one for which all is handed over."""
    here = msgspec.json.encode(report())
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENGINES, "local", HandingOver())
        return [here, msgspec.json.encode(report())]


def test_an_audit_of_every_format_is_handed_over(tmp_path: Path) -> None:
    reading, asked = Reading(home=tmp_path, keep=False), Asked(by=["model,task"])
    here, there = _here_and_there(lambda: audit([str(SAMPLES / "formats")], reading, asked).report)
    assert here == there


@pytest.mark.parametrize("kept", ["store", "file"])
def test_policies_in_cells_and_out_of_them_are_handed_over(kept: str, tmp_path: Path) -> None:
    policy, calls = tmp_path / "own.yaml", tmp_path / "calls.parquet"
    policy.write_text(POLICY)
    reading = Reading(home=tmp_path)
    ingest(LOGS, reading, calls)
    wanted = Wanted([policy, Path("three-tier")], controls=False)
    logs = [str(calls)] if kept == "file" else []
    here, there = _here_and_there(lambda: simulate(logs, reading, Asked(), wanted).report)
    assert here == there


def test_a_check_is_handed_over(tmp_path: Path) -> None:
    against, reading = Against(against=LOGS), Reading(home=tmp_path)
    here, there = _here_and_there(lambda: check(LOGS, reading, Asked(), against, Limits()).report)
    assert here == there
