"""Ready policies: YAML files beside this one, which work on any log; `--policy NAME` takes one of them."""

from importlib import resources

READY: dict[str, str] = {
    "three-tier": "simple tasks on cheap models, hard ones on frontier models, all else in between",
}
"""Name -> what it does."""


def text_of(name: str) -> str:
    """Return the YAML of a ready policy."""
    return resources.files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
