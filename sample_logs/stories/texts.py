"""The words of the stories: templates with {blanks}, in one YAML file per story."""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "texts"


def texts(name: str) -> dict[str, Any]:
    """The texts of a story, as its file has them."""
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded
