"""The user's map from routes, tags and operations to tasks."""

from pathlib import Path

import pytest

from costsim.errors import ConfigError
from costsim.tasks import Classifier, Shape, TaskMap, read_map

MAP = """\
routes:
  support-triage: classification
  "support-*": chat
  "nightly-*": extraction
tags:
  workflow: {summarise: summarization, "qa_*": question_answering}
systems: {"you are the triage*of acme": classification, release notes: changelog}
types:
  changelog: {means: Notes of what changed, like: summarization, says: changelog | release notes, commands: bump the}
unknown_below: 0.6
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


def test_words_of_a_system_prompt_state_a_task_in_any_case_and_on_any_lines(task_map: TaskMap) -> None:
    prompt = "Hello! You are\n the TRIAGE desk\nof Acme. Be brief."
    assert task_map.task_of_system(prompt) == "classification"
    assert task_map.task_of_system("You are the desk of Acme.") is None
    guess = Classifier(task_map).guess(prompt, "Translate to French: hello", Shape())
    assert (guess.task, guess.confidence) == ("classification", 1.0)


def test_a_system_prompt_wins_over_the_operation_and_a_tag_over_it(task_map: TaskMap) -> None:
    assert task_map.task_of(None, None, "text_completion", "classification") == "classification"
    assert task_map.task_of(None, {"workflow": "summarise"}, "chat", "classification") == "summarization"


def test_a_type_of_the_users_own_is_guessed_by_its_words_and_is_as_hard_as_its_like(task_map: TaskMap) -> None:
    classifier = Classifier(task_map)
    guess = classifier.guess("", "Please bump the changelog for these three commits.", Shape())
    assert guess.task == "changelog"
    assert guess.confidence > 0.8
    reasons = classifier.explain("", "Please bump the changelog for these three commits.", Shape())
    assert (reasons[0].task, reasons[0].signal) == ("changelog", "words of changelog")
    assert classifier.guess("", "Translate to French: hello", Shape()).task == "translation"


def test_the_user_says_how_sure_is_sure_and_an_argument_wins_over_the_map(task_map: TaskMap) -> None:
    vague = "The parcel came late again."
    sure = Classifier(threshold=0).guess("", vague, Shape(output_tokens=2)).confidence
    assert 0.4 < sure < 0.6
    assert Classifier(threshold=0.4).guess("", vague, Shape(output_tokens=2)).task == "classification"
    assert Classifier(task_map).guess("", vague, Shape(output_tokens=2)).task == "unknown"
    assert Classifier(task_map, threshold=0.4).guess("", vague, Shape(output_tokens=2)).task == "classification"


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
        ("types:\n  code: {}\n", ":2: 'code' is a task already (give yours another name)"),
        ("types:\n  My Type: {}\n", ":2: 'My Type' is no name for a task type"),
        ("types:\n  mine: {like: chatt}\n", ":2: unknown task 'chatt' (did you mean 'chat'?)"),
        ("types:\n  mine: {says: 'a | *'}\n", ":2: '*' has no letter to look for"),
        ("types:\n  mine: {weight: 900}\n", ":2: 900 is no weight (points above 0, at most 20; "),
        ("unknown_below: 2\n", ":1: unknown_below: expected `float` <= 1"),
        ("systems:\n  a: mine\n", ":2: unknown task 'mine'"),
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
