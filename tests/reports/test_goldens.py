"""Every output of every report made by hand, beside it as a file: COSTSIM_REWRITE_GOLDENS=1 pytest tests/reports."""

import os
from pathlib import Path

import pytest

from costsim.reports.audited import RENDERERS, View
from costsim.summary.report import Report

GOLDENS = Path(__file__).parent / "goldens"

VIEWS = {
    "60.txt": ("table", View(width=60)),
    "80.ascii.txt": ("table", View(width=80, unicode=False)),
    "120.txt": ("table", View(width=120)),
    "200.ansi.txt": ("table", View(width=200, colour=True, show_rejects=True, top=3)),
    "json": ("json", View()),
    "csv": ("csv", View()),
    "md": ("markdown", View()),
}


@pytest.mark.parametrize("ending", VIEWS)
def test_every_output_is_its_golden(sample: Report, name: str, ending: str) -> None:
    renderer, view = VIEWS[ending]
    golden = GOLDENS / f"{name}.{ending}"
    said = RENDERERS[renderer].render(sample, view)
    if os.environ.get("COSTSIM_REWRITE_GOLDENS"):
        GOLDENS.mkdir(exist_ok=True)
        golden.write_text(said, encoding="utf-8", newline="")
    assert said == golden.read_bytes().decode()


def test_there_is_no_golden_without_a_report(samples: dict[str, Report]) -> None:
    expected = {f"{name}.{ending}" for name in samples for ending in VIEWS}
    assert {path.name for path in GOLDENS.iterdir()} == expected
