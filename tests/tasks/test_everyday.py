"""Requests that everybody would call the same, in ten languages."""

from pathlib import Path

import pytest

from costsim.decode import read_yaml
from costsim.tasks import TASKS, Classifier, Shape
from costsim.tasks.definitions import definitions

Request = str | tuple[str, str]
EVERYDAY = read_yaml(Path(__file__).with_name("everyday.yaml"), dict[str, dict[str, list[Request]]])
WORK = read_yaml(Path(__file__).with_name("work.yaml"), dict[str, list[Request]])
SPOKEN = read_yaml(Path(__file__).with_name("languages.yaml"), dict[str, dict[str, list[str]]])
LANGUAGES = ("zh", "es", "hi", "ar", "fr", "bn", "pt", "ru", "ja", "de")


def guessed(classifier: Classifier, request: Request) -> str:
    system, user = ("", request) if isinstance(request, str) else request
    return classifier.guess(system, user, Shape()).task


@pytest.mark.parametrize("task", EVERYDAY["english"])
def test_everyday_requests_get_the_task_that_people_would_name(classifier: Classifier, task: str) -> None:
    wrong = [request for request in EVERYDAY["english"][task] if guessed(classifier, request) != task]
    assert len(wrong) <= len(EVERYDAY["english"][task]) // 8, wrong


@pytest.mark.parametrize("task", EVERYDAY["other_languages"])
@pytest.mark.parametrize("number", range(len(LANGUAGES)), ids=LANGUAGES)
def test_the_ten_most_used_languages_are_understood(classifier: Classifier, task: str, number: int) -> None:
    assert guessed(classifier, EVERYDAY["other_languages"][task][number]) == task


@pytest.mark.parametrize("language", SPOKEN)
def test_everyday_requests_of_fourteen_languages_are_never_unknown(classifier: Classifier, language: str) -> None:
    asked = [(task, request) for task, requests in SPOKEN[language].items() for request in requests]
    wrong = [(task, request, said) for task, request in asked if (said := guessed(classifier, request)) != task]
    assert len(wrong) <= 1, wrong
    assert "unknown" not in {said for _, _, said in wrong}


def test_most_of_what_people_of_a_dozen_trades_ask_is_understood(classifier: Classifier) -> None:
    asked = [(task, request) for task, requests in WORK.items() for request in requests]
    wrong = [(task, request) for task, request in asked if guessed(classifier, request) != task]
    assert len(asked) == 100
    assert len(wrong) <= 20, wrong


def test_every_task_but_unknown_is_defined() -> None:
    assert [*definitions(), "unknown"] == list(TASKS)


@pytest.mark.parametrize("task", definitions())
def test_the_examples_of_a_definition_get_its_task(classifier: Classifier, task: str) -> None:
    assert [guessed(classifier, example) for example in definitions()[task].examples] == [task] * 3
