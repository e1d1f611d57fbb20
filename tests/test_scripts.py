"""Scripts of the house still start: each says what it is for, and what to name, before it reads anything."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "scripts"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_how_it_is_called(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--help"])
    with pytest.raises(SystemExit) as end:
        importlib.import_module(f"scripts.{name}").main()
    assert end.value.code == 0
    assert f"python -m scripts.{name} " in capsys.readouterr().out


def test_a_file_that_is_missing_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fit_factors.py", "nowhere.parquet", __file__])
    with pytest.raises(SystemExit) as end:
        importlib.import_module("scripts.fit_factors").main()
    assert end.value.code == 2
    assert "nowhere.parquet: no such file" in capsys.readouterr().err
