"""The outputs that other programs read."""

import csv
import io
from decimal import Decimal

import msgspec
import pytest

from costsim.reports.audited import RENDERERS, View, render
from costsim.summary.report import Report

CONTRACT = {
    "": "schema_version command window prices coverage totals groups observed findings assumptions",
    "window": "from to days",
    "prices": "sources as_of newest hash",
    "coverage": "lines calls duplicates rejected not_calls priced unpriced tokens_estimated unpriced_models rejects",
    "totals": "calls input_tokens cache_read_tokens cache_write_tokens output_tokens reasoning_tokens cost_usd "
    "reported_cost_usd cost_per_call_usd",
    "observed": "retry_rate error_rate fallback_rate escalation_rate",
}
"""The keys that the JSON of `audit` promises; more may be there."""


@pytest.mark.parametrize("part", CONTRACT)
def test_json_has_the_promised_keys(sample: Report, part: str) -> None:
    whole = msgspec.json.decode(render("json", sample, View()))
    assert set(CONTRACT[part].split()) <= set(whole[part] if part else whole)


def test_json_is_the_report_and_ends_with_a_newline(sample: Report) -> None:
    said = render("json", sample, View())
    assert msgspec.json.decode(said, type=Report) == sample
    assert said.endswith("}\n")


def table_of(report: Report) -> list[dict[str, str]]:
    """Return the rows of a CSV as a program reads them."""
    return list(csv.DictReader(io.StringIO(render("csv", report, View())), strict=True))


def test_csv_is_rectangular_with_a_row_for_every_group_and_the_totals(sample: Report) -> None:
    rows = table_of(sample)
    assert len(rows) == 1 + sum(map(len, sample.groups.values()))
    assert all(None not in row and None not in row.values() for row in rows)
    assert [row["grouping"] for row in rows][-1] == "total"


def test_csv_amounts_are_exact_and_every_grouping_adds_up(samples: dict[str, Report]) -> None:
    rows = table_of(samples["ordinary"])
    for grouping in ("task", "model", "route"):
        costs = [Decimal(row["cost_usd"]) for row in rows if row["grouping"] == grouping]
        assert sum(costs) == Decimal(samples["ordinary"].totals.cost_usd)


def test_csv_leaves_an_unknown_cost_empty(samples: dict[str, Report]) -> None:
    assert {row["cost_usd"] for row in table_of(samples["unpriced"])} == {""}


def test_csv_has_a_column_for_each_key_of_a_crossing(samples: dict[str, Report]) -> None:
    first = table_of(samples["crossed"])[0]
    assert (first["grouping"], first["key"], first["key2"]) == ("model,task", "gpt-5.5", "code")


def test_csv_cells_that_a_spreadsheet_would_run_are_guarded(samples: dict[str, Report]) -> None:
    keys = [row["key"] for row in table_of(samples["crossed"])]
    assert any(key.startswith("'=HYPERLINK") for key in keys)
    assert not any(key.startswith(("=", "+", "-", "@")) for key in keys)


def test_markdown_tables_have_as_many_cells_in_every_row(sample: Report) -> None:
    for block in render("markdown", sample, View()).split("\n\n"):
        if block.startswith("|"):
            assert len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1


def test_markdown_notifies_nobody_and_is_not_taken_for_markup(samples: dict[str, Report]) -> None:
    report = samples["unpriced"]
    report.assumptions = ["ask @octocat about <b> and a_b in `x|y`"]
    said = render("markdown", report, View())
    assert "ask @<!-- -->octocat about \\<b\\> and a\\_b in `x\\|y`" in said


@pytest.mark.parametrize("renderer", RENDERERS)
def test_rendering_changes_nothing_and_gives_the_same_again(sample: Report, renderer: str) -> None:
    before = msgspec.json.encode(sample)
    assert render(renderer, sample, View()) == render(renderer, sample, View())
    assert msgspec.json.encode(sample) == before
