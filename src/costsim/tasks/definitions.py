"""What each task type means, with examples: tasks.yaml."""

import msgspec

from costsim.decode import parse_yaml
from costsim.tasks.model import shipped_text


class Definition(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One task type in a sentence, and requests that everybody would call so."""

    means: str
    examples: tuple[str, ...]


def definitions() -> dict[str, Definition]:
    """Return every task type with its meaning, in the order of TASKS; `unknown` has none."""
    return parse_yaml(shipped_text("tasks.yaml"), dict[str, Definition], name="tasks.yaml")
