"""The user's map from routes, tags and operations to tasks."""

from pathlib import Path

import pytest

from costsim.errors import ConfigError
from costsim.tasks import TaskMap, read_map

MAP = """\
routes:
  support-triage: classification
  "support-*": chat
  "nightly-*": extraction
tags:
  workflow: {summarise: summarization, "qa_*": question_answering}
operations: {embedding: unknown, text_completion: drafting}
"""


@pytest.fixture
def task_map(tmp_path: Path) -> TaskMap:
    path = tmp_path / "tasks.yaml"
    path.write_text(MAP, encoding="utf-8")
    return read_map(path)


def test_an_exact_route_wins_over_a_pattern(task_map: TaskMap) -> None:
    assert task_map.task_of("support-triage", None, "chat") == "classification"
    assert task_map.task_of("support-mail", None, "chat") == "chat"


def test_a_route_wins_over_a_tag_and_a_tag_over_the_operation(task_map: TaskMap) -> None:
    tags = {"workflow": "summarise"}
    assert task_map.task_of("nightly-3", tags, "text_completion") == "extraction"
    assert task_map.task_of("other", tags, "text_completion") == "summarization"
    assert task_map.task_of("other", {"workflow": "qa_docs"}, "chat") == "question_answering"
    assert task_map.task_of(None, {"team": "x"}, "text_completion") == "drafting"


def test_what_no_entry_names_is_left_to_guessing(task_map: TaskMap) -> None:
    assert task_map.task_of("home", {"workflow": "else"}, "chat") is None
    assert TaskMap().task_of(None, None, "chat") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "routes:\n  a: chat\n  b: clasification\n",
            ":3: unknown task 'clasification' (did you mean 'classification'?)",
        ),
        (
            "tags:\n  flow:\n    x: sumarization\n",
            ":3: unknown task 'sumarization' (did you mean 'summarization'?)",
        ),
        ("route: {}\n", ":1: unknown key 'route' (did you mean 'routes'?)"),
        ("routes: 3\n", ":1: routes: expected `object`, got `int`"),
        ("routes: {a: chat\n", ""),
    ],
)
def test_a_mistake_is_one_line_with_file_line_and_the_nearest_word(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as problem:
        read_map(path)
    assert str(problem.value).startswith(f"{path}{message}")
    assert "\n" not in str(problem.value)


def test_a_map_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_map(tmp_path / "none.yaml")
