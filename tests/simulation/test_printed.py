"""A simulation as it is printed, in every output, beside goldens; COSTSIM_REWRITE_GOLDENS=1 writes them anew."""

import ast
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from costsim.app.asked import Asked
from costsim.app.reading import Reading
from costsim.app.simulate import Answer, Wanted, simulate
from costsim.reports.contract import View
from costsim.reports.simulated import RENDERERS
from costsim.summary.simulation import granted

ROOT = Path(__file__).parents[2]
GOLDENS = Path(__file__).parent / "goldens"
EXAMPLES = Path(__file__).parents[2] / "sample_logs" / "examples"
SUFFIX = {"table": "txt", "json": "json", "csv": "csv", "markdown": "md"}


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    home = tmp_path_factory.mktemp("home")
    folder = EXAMPLES / "5-a-cascade"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # so that no path of this machine is in a golden
        asked = Asked(prices=[Path("prices.yaml")])
        wanted = Wanted([Path("policy.yaml")], sweep=["escalation_rate=0,0.635,1"])
        return simulate(["log.csv.gz"], Reading(home=home, workers=1), asked, wanted)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        ("-2", "5", "90 % sure: saves between −$2.00 and $5.00"),
        ("-5", "-2", "90 % sure: costs between $2.00 and $5.00 more"),
    ],
)
def test_an_interval_of_losses_alone_is_told_as_costs(answer: Answer, low: str, high: str, told: str) -> None:
    policy = answer.report.policies[0]
    assert policy.interval is not None
    lost = replace(policy, interval=replace(policy.interval, savings_low_usd=low, savings_high_usd=high))
    text = RENDERERS["table"].render(replace(answer.report, policies=[lost]), View(width=100))
    assert told in text


def _without_what_changes(text: str) -> str:
    """Without the version of the price list, which is not what is tested here."""
    return "\n".join(line for line in text.splitlines() if not any(word in line for word in _CHANGING)) + "\n"


_CHANGING: Sequence[str] = ("newest", '"hash"', "shipped", "prices.yaml")


@pytest.mark.parametrize("name", RENDERERS)
def test_every_output_is_its_golden(answer: Answer, name: str) -> None:
    text = _without_what_changes(RENDERERS[name].render(answer.report, View(width=100)))
    golden = GOLDENS / f"cascade.{SUFFIX[name]}"
    if os.environ.get("COSTSIM_REWRITE_GOLDENS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def _sections() -> set[str]:
    """Every section that an assumption, or a lever's, is written to link to."""
    found: set[str] = set()
    for path in (ROOT / "src/costsim/summary/simulation").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Assumption":
                found |= {str(each.value) for each in node.args[1:] if isinstance(each, ast.Constant)}
    return found | {section for _, section in granted._OF_LEVERS.values()}


def test_every_assumption_links_to_a_section_of_the_methodology_that_is_there() -> None:
    text = (ROOT / "docs" / "methodology.md").read_text()
    there = {line[3:].strip().lower().replace(" ", "-") for line in text.splitlines() if line.startswith("## ")}
    assert len(_sections()) > 10
    assert _sections() <= there


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(answer: Answer, width: int) -> None:
    lines = RENDERERS["table"].render(answer.report, View(width=width)).splitlines()
    assert max(map(len, lines)) <= width


def test_a_terminal_that_knows_only_ascii_gets_ascii(answer: Answer) -> None:
    assert RENDERERS["table"].render(answer.report, View(unicode=False)).isascii()
    assert RENDERERS["markdown"].render(answer.report, View(unicode=False)).isascii()
