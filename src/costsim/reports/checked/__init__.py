"""What `check` says, for people, pull requests and other programs; each module formats and computes nothing."""

from typing import Protocol

from costsim.reports.checked import as_json, as_markdown, github, gitlab, junit, sarif, terminal
from costsim.reports.contract import View
from costsim.summary.gate.report import CheckReport


class Renderer(Protocol):
    """One output; a module satisfies this."""

    def render(self, report: CheckReport, view: View) -> str:
        """Return the whole output, ending with a newline; read and write nothing."""


RENDERERS: dict[str, Renderer] = {
    "table": terminal,
    "json": as_json,
    "markdown": as_markdown,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "sarif": sarif,
}
"""What `costsim check --format` names."""
