"""SARIF 2.1.0, for code scanning."""

import hashlib
from typing import Any
from urllib.parse import quote

import msgspec

from costsim import __version__
from costsim.reports.checked import words
from costsim.reports.checked.gitlab import place
from costsim.reports.contract import View
from costsim.summary.gate.report import CheckReport

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(report: CheckReport, _: View) -> str:
    """Return one run with a result for each problem."""
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in words.RULES.items()]
    run = {
        "tool": {"driver": {"name": "costsim", "version": __version__, "rules": rules}},
        "results": [_result(each, place(report)) for each in words.problems(report)],
    }
    found = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def _result(problem: words.Problem, path: str) -> dict[str, Any]:
    where = {"artifactLocation": {"uri": quote(path)}, "region": {"startLine": 1}}
    return {
        "ruleId": problem.rule,
        "level": "error" if problem.is_error else "warning",
        "message": {"text": problem.text},
        "locations": [{"physicalLocation": where}],
        "partialFingerprints": {"costsim/v1": hashlib.sha256(f"{problem.rule}\n{problem.key}".encode()).hexdigest()},
    }
