"""What other programs read: SARIF, GitLab's list and JUnit are what their rules allow, whatever is in the names.

The structs are the part of each rule book that costsim uses; a key that is not in them is an error. All files of
`goldens` were also taken by Microsoft's `sarif-multitool validate` 5.7.0 and by Jenkins' junit-4.xsd.
"""

from typing import Annotated, Literal
from urllib.parse import urlsplit
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec import Meta
from tests.reports.checked.reports import REPORTS

from costsim.reports.checked import gitlab, junit, sarif, words
from costsim.reports.contract import View

Text = Annotated[str, Meta(min_length=1)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """An object of a file, as its rules have it."""


class Message(Strict):
    """SARIF 2.1.0 (OASIS Standard, 27 March 2020), 3.11; the sections below are of the same text."""

    text: Text


class Rule(Strict):
    """3.49."""

    id: Text
    short_description: Message


class Driver(Strict):
    """3.19."""

    name: Text
    version: Text
    rules: list[Rule]


class Tool(Strict):
    """3.18."""

    driver: Driver


class ArtifactLocation(Strict):
    """3.4."""

    uri: Text


class Region(Strict):
    """3.30."""

    start_line: Annotated[int, Meta(ge=1)]


class PhysicalLocation(Strict):
    """3.29."""

    artifact_location: ArtifactLocation
    region: Region


class SarifLocation(Strict):
    """3.28."""

    physical_location: PhysicalLocation


class Result(Strict):
    """3.27."""

    rule_id: Text
    level: Literal["none", "note", "warning", "error"]
    message: Message
    locations: list[SarifLocation]
    partial_fingerprints: dict[str, Digest]


class Run(Strict):
    """3.14."""

    tool: Tool
    results: list[Result]


class Sarif(Strict):
    """3.13."""

    version: Literal["2.1.0"]
    runs: list[Run]
    schema: Text = msgspec.field(name="$schema", default="")


class Lines(Strict):
    """Of GitLab's code quality report (docs.gitlab.com/ci/testing/code_quality, "Code Quality report format")."""

    begin: Annotated[int, Meta(ge=1)]


class Location(Strict):
    """Where."""

    path: Text
    lines: Lines


class Issue(Strict, rename=None):
    """One finding."""

    description: Text
    check_name: Text
    fingerprint: Digest
    severity: Literal["info", "minor", "major", "critical", "blocker"]
    location: Location


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_is_what_its_standard_says(name: str) -> None:
    report = REPORTS[name]()
    (run,) = msgspec.json.decode(sarif.render(report, View()), type=Sarif).runs
    known = {rule.id for rule in run.tool.driver.rules}
    assert {result.rule_id for result in run.results} <= known
    assert [result.message.text for result in run.results] == [each.text for each in words.problems(report)]
    for result in run.results:
        uri = result.locations[0].physical_location.artifact_location.uri
        assert uri.isascii()
        assert urlsplit(uri).path == uri
    prints = [result.partial_fingerprints["costsim/v1"] for result in run.results]
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize("name", REPORTS)
def test_the_list_for_gitlab_is_what_its_documentation_says(name: str) -> None:
    issues = msgspec.json.decode(gitlab.render(REPORTS[name](), View()), type=list[Issue])
    assert len({issue.fingerprint for issue in issues}) == len(issues) == len(words.problems(REPORTS[name]()))
    assert not any(issue.location.path.startswith(("/", "./")) for issue in issues)


ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "assertions", "time", "classname", "status"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": set(),
}
"""Attributes by element, of Jenkins' schema for JUnit (junit-4.xsd)."""


@pytest.mark.parametrize("name", REPORTS)
def test_junit_is_what_jenkins_takes(name: str) -> None:
    root = ElementTree.fromstring(junit.render(REPORTS[name](), View()))
    assert root.tag == "testsuites"
    assert [child.tag for child in root] == ["testsuite"]
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
    cases = root.findall("testsuite/testcase")
    assert all(case.get("name") and case.get("classname") and len(case) <= 1 for case in cases)
    ends = [child.tag for case in cases for child in case]
    said = {"tests": len(cases)} | {f"{end}s": ends.count(end) for end in ("failure", "error")}
    said["skipped"] = ends.count("skipped")
    assert {key: int(root[0].attrib[key]) for key in said} == said
