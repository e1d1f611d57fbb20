"""GitLab code quality: the problems as the JSON list that a merge request shows."""

import hashlib

import msgspec

from costsim.reports.checked import words
from costsim.reports.contract import View
from costsim.summary.gate.report import CheckReport


def render(report: CheckReport, _: View) -> str:
    """Return the list; an empty one where nothing is wrong."""
    found = [
        {
            "description": each.text,
            "check_name": each.rule,
            "fingerprint": hashlib.sha256(f"{each.rule}\n{each.key}".encode()).hexdigest(),
            "severity": "major" if each.is_error else "minor",
            "location": {"path": place(report), "lines": {"begin": 1}},
        }
        for each in words.problems(report)
    ]
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def place(report: CheckReport) -> str:
    """Return the file that a problem is shown at: the baseline, or the configuration where there is none."""
    name = report.before.name if report.before is not None else ""
    return name if "." in name else "costsim.yaml"
