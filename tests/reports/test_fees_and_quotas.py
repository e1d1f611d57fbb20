"""What is told of fees and free quotas."""

import msgspec
import pytest

from costsim.reports.audited import RENDERERS
from costsim.reports.audited.allowances import lines
from costsim.reports.contract import View
from costsim.summary.report import Allowances, CommittedMonth, FreeUse, Report

MONTH = CommittedMonth("deal", "2026-10", "1000", 5_000_000, 12, 6_000_000, "1800", 1_000_000, "300", "1300")
SEARCHES = FreeUse("google/gemini-3", "web_search", 5000, "month", 70, 70, "0.35")


def with_allowances(report: Report) -> Report:
    return msgspec.structs.replace(report, allowances=Allowances([MONTH], [SEARCHES], "1299.65"))


def test_each_fee_and_quota_has_its_line_and_the_last_is_the_cost_with_all(samples: dict[str, Report]) -> None:
    ordinary = samples["ordinary"]
    fee, searches, whole = lines(with_allowances(ordinary))
    assert fee == (
        "$1,300.00",
        "deal, 2026-10: fee $1,000.00, $300.00 for 1,000,000 tokens above it; "
        "6,000,000 tokens used, 5,000,000 included, $1,800.00 at list price",
    )
    assert searches == ("−$0.35", "web search: 70 of 70 free (google/gemini-3: 5,000 a month)")
    assert whole[0] == "$1,299.65"
    assert lines(ordinary) == []


@pytest.mark.parametrize("format", ["table", "markdown"])
def test_they_stand_in_every_output_for_people(samples: dict[str, Report], format: str) -> None:
    ordinary = samples["ordinary"]
    assert "Besides the list price" not in RENDERERS[format].render(ordinary, View())
    said = RENDERERS[format].render(with_allowances(ordinary), View(width=200))
    assert "Besides the list price" in said
    plain = " ".join(said.replace("**", "").replace("\\", "").split())
    assert all(text in plain for line in lines(with_allowances(ordinary)) for text in line)
