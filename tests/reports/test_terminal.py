"""The terminal's text at any width, with or without colour."""

import re
import subprocess
import sys

import pytest
from msgspec.structs import replace

from costsim.reports.audited import View, render
from costsim.reports.names import cells
from costsim.summary.report import Finding, Report

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_WIDTHS = (40, 60, 80, 100, 120, 200)


def shown(report: Report, view: View) -> str:
    """Return the text of a terminal."""
    return render("table", report, view)


@pytest.mark.parametrize("width", _WIDTHS)
def test_no_line_is_wider_than_the_view_or_ends_in_a_space(sample: Report, width: int) -> None:
    for unicode in (True, False):
        lines = shown(sample, View(width=width, unicode=unicode)).splitlines()
        assert max(map(cells, lines)) <= width
        assert all(line == line.rstrip() for line in lines)


def test_without_unicode_there_is_nothing_but_ascii(sample: Report) -> None:
    assert shown(sample, View(unicode=False)).isascii()


@pytest.mark.parametrize("width", _WIDTHS)
def test_colours_change_no_character(sample: Report, width: int) -> None:
    plain = View(width=width)
    assert _ESCAPES.sub("", shown(sample, replace(plain, colour=True))) == shown(sample, plain)


def test_a_plain_text_holds_no_control_character(sample: Report) -> None:
    assert shown(sample, View()).replace("\n", "").isprintable()


@pytest.mark.parametrize("width", _WIDTHS)
def test_amounts_line_up_on_the_decimal_point_in_all_tables(samples: dict[str, Report], width: int) -> None:
    text = shown(samples["ordinary"], View(width=width)).partition("What could")[0]
    rows = [match for line in text.splitlines() if (match := re.match(r"[^$]*  <?\$[\d,]+(?=\.\d\d  )", line))]
    assert len(rows) == 11
    assert len({row.end() for row in rows}) == 1


def test_an_unknown_cost_is_never_drawn_as_zero(samples: dict[str, Report]) -> None:
    text = shown(samples["unpriced"], View(width=120))
    assert "$" not in text
    assert "Cost unknown" in text
    assert "no price for this model" in text


def test_a_cost_far_below_a_cent_is_never_drawn_as_zero(samples: dict[str, Report]) -> None:
    text = shown(samples["tiny"], View(width=120))
    assert "$0.00 " not in text
    assert text.startswith("$0.0000123  for 1 call")


def test_a_log_without_calls_says_so(samples: dict[str, Report]) -> None:
    assert shown(samples["empty"], View()).startswith("No calls  in 3 lines")


def test_rows_beyond_the_top_are_counted_and_summed(samples: dict[str, Report]) -> None:
    assert "3 more, together $2,490,117.00; --top 13 shows all" in shown(samples["huge"], View())


def test_of_many_days_the_last_ones_are_shown(samples: dict[str, Report]) -> None:
    sample = samples["ordinary"]
    days = [replace(sample.totals, key=f"2026-10-{day:02}") for day in range(1, 32)]
    lines = shown(replace(sample, groups={"day": days}), View(top=7)).splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("By day"))
    assert [line.split()[0] for line in lines[start + 1 : start + 8]] == [f"2026-10-{day}" for day in range(25, 32)]
    assert re.fullmatch(r"24 before, together \$[\d,.]+; --top 31 shows all", lines[start + 8])


def test_rejected_lines_are_few_unless_all_are_wanted(samples: dict[str, Report]) -> None:
    few, all_of_them = (shown(samples["ordinary"], View(show_rejects=each)) for each in (False, True))
    assert (few.count("cut off in the middle"), all_of_them.count("cut off in the middle")) == (3, 61)
    assert "58 more; `costsim audit --rejects` shows all" in few


def test_what_to_do_is_said_once_for_each_kind_of_finding(samples: dict[str, Report]) -> None:
    assert shown(samples["ordinary"], View(width=120)).count("→ try the small model") == 1


def test_a_finding_without_an_amount_is_shown_however_few_rows_are_wanted(samples: dict[str, Report]) -> None:
    report = samples["ordinary"]
    report.findings.append(replace_amount(report.findings[0]))
    assert "— " in shown(report, View(width=120, top=1)).partition("What could be saved")[2]


def replace_amount(finding: Finding) -> Finding:
    """Return a finding of which nobody knows what it could save."""
    return replace(finding, id="unpriced-models", could_save_usd=None)


def test_calls_without_a_price_are_named_beside_the_total(samples: dict[str, Report]) -> None:
    first = shown(samples["crossed"], View(width=140)).splitlines()[0]
    assert "for 160 of 280 calls" in first
    assert "120 calls without a price" in first


def test_only_colours_load_rich() -> None:
    code = "import sys, costsim.reports; print([name for name in sys.modules if name.partition('.')[0] == 'rich'])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
