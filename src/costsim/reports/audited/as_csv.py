"""CSV: one tidy table of the groups of every grouping and the totals, exact amounts, empty where not known.

Findings have no place in a table of groups; they are in the JSON.
"""

import csv
import io
from collections.abc import Iterator

from costsim.reports.contract import View
from costsim.reports.legible import guarded
from costsim.summary.report import Group, Report

_FIGURES = tuple(name for name in Group.__struct_fields__ if name != "key")
_UNKNOWN_WITHOUT_PRICE = ("cost_usd", "share")


def render(report: Report, _: View) -> str:
    """Return every group of every grouping, all rows of them, and a last row with the totals."""
    keys = max((len(name.split(",")) for name in report.groups), default=1)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["grouping", "key", *(f"key{place}" for place in range(2, keys + 1)), *_FIGURES])
    table.writerows(_rows(report, keys))
    return text.getvalue()


def _rows(report: Report, keys: int) -> Iterator[list[str]]:
    for name, groups in report.groups.items():
        for group in groups:
            parts = group.key if isinstance(group.key, list) else [group.key]
            cells = [guarded(part or "") for part in parts] + [""] * (keys - len(parts))
            yield [guarded(name), *cells, *_figures(group)]
    yield ["total", *[""] * keys, *_figures(report.totals)]


def _figures(group: Group) -> list[str]:
    unknown = group.calls > 0 and group.priced == 0
    missing = _UNKNOWN_WITHOUT_PRICE if unknown else ()
    return ["" if name in missing else _figure(getattr(group, name)) for name in _FIGURES]


def _figure(value: int | float | str | None) -> str:
    return "" if value is None else str(value)
