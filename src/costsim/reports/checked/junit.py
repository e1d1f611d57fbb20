"""JUnit XML: every route, task and budget is a test case."""

from xml.sax.saxutils import escape, quoteattr

from costsim.reports.checked import words
from costsim.reports.contract import View
from costsim.reports.legible import legible
from costsim.summary.gate.report import CheckReport

Case = tuple[str, str, str, str]
"""Class, name, the element that tells how it ended (failure, error, skipped or ''), and the message."""


def render(report: CheckReport, _: View) -> str:
    """Return one suite."""
    cases = list(_cases(legible(report, unicode=True)))
    counts = {kind: sum(case[2] == kind for case in cases) for kind in ("failure", "error", "skipped")}
    attributes = (
        f'name="costsim check" tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}" '
        f'skipped="{counts["skipped"]}" time="0"'
    )
    body = "\n".join(_case(case) for case in cases)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        f"  <testsuite {attributes}>\n{body}\n  </testsuite>\n</testsuites>\n"
    )


def _cases(report: CheckReport) -> list[Case]:
    found: list[Case] = [("costsim.evidence", text, "error", text) for text in report.missing]
    for line in report.lines:
        name = f"costsim.{line.scope}"
        if line in report.regressions and line.level == "fail":
            found.append((name, words.name_of(line), "failure", words.regression(line)))
        else:
            skipped = "skipped" if line.finding == "too few calls" else ""
            found.append((name, words.name_of(line), skipped, "too few calls" if skipped else ""))
    for each in report.budgets:
        failed = "failure" if each.exceeded and each.level == "fail" else ""
        found.append(("costsim.budget", f"{each.per} {each.key or ''}".strip(), failed, words.budget(each)))
    return found


def _case(case: Case) -> str:
    kind, name, how, message = case
    start = f'    <testcase classname={quoteattr(kind)} name={quoteattr(name)} time="0"'
    if not how:
        return f"{start}/>"
    said = "" if how == "skipped" else f" message={quoteattr(message)}"  # Jenkins' schema has none there
    return f"{start}>\n      <{how}{said}>{escape(message)}</{how}>\n    </testcase>"
