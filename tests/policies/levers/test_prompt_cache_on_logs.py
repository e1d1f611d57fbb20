"""Simulated prompt caches against what a coding agent's own log reports as read, where models do not change."""

from pathlib import Path

import pytest
from scripts.evaluate_prompt_cache import compare
from typer.testing import CliRunner

from costsim import prices
from costsim.cli import application


@pytest.fixture(scope="module")
def calls(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    logs = shared_data / "logs" / "claude_code"
    out = tmp_path_factory.mktemp("calls") / "calls.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(out.parent)
        assert CliRunner().invoke(application(), ["ingest", str(logs), "--out", str(out), "--quiet"]).exit_code == 0
    return out


def test_what_is_simulated_to_be_read_is_what_the_log_says_was_read(calls: Path) -> None:
    found = [one for one in compare(calls, prices.load()) if one.calls >= 20]
    assert len(found) == 4
    for one in found:
        assert one.simulated / one.input_tokens == pytest.approx(one.logged / one.input_tokens, abs=0.03)
        assert one.agree / one.calls > 0.8
    assert sum(one.agree for one in found) / sum(one.calls for one in found) > 0.95
