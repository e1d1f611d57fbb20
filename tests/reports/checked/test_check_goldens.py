"""Every output of `check`, beside the test as a file: COSTSIM_REWRITE_GOLDENS=1 pytest tests/reports/checked."""

import os
from pathlib import Path

import pytest
from tests.reports.checked.reports import REPORTS

from costsim.reports.checked import RENDERERS
from costsim.reports.contract import View

GOLDENS = Path(__file__).parent / "goldens"
VIEWS = {
    "60.txt": ("table", View(width=60)),
    "80.ascii.txt": ("table", View(width=80, unicode=False)),
    "120.ansi.txt": ("table", View(width=120, colour=True)),
    "json": ("json", View()),
    "md": ("markdown", View()),
    "github.txt": ("github", View()),
    "gitlab.json": ("gitlab", View()),
    "junit.xml": ("junit", View()),
    "sarif": ("sarif", View()),
}


@pytest.mark.parametrize("ending", VIEWS)
@pytest.mark.parametrize("name", REPORTS)
def test_every_output_is_its_golden(name: str, ending: str) -> None:
    renderer, view = VIEWS[ending]
    golden = GOLDENS / f"{name}.{ending}"
    said = RENDERERS[renderer].render(REPORTS[name](), view)
    if os.environ.get("COSTSIM_REWRITE_GOLDENS"):
        GOLDENS.mkdir(exist_ok=True)
        golden.write_text(said, encoding="utf-8", newline="")
    assert said == golden.read_bytes().decode()


def test_there_is_no_golden_without_a_report() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == {f"{name}.{ending}" for name in REPORTS for ending in VIEWS}


def test_every_renderer_has_goldens() -> None:
    assert {renderer for renderer, _ in VIEWS.values()} == set(RENDERERS)
