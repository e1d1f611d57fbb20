"""What the request's shape says beside its text."""

import pytest

from costsim.tasks import Classifier, Shape
from costsim.tasks.facts import FACTS, facts_of_shape, facts_of_text
from costsim.tasks.reading import FIRST, LAST, excerpt, normalise


def names(shape: Shape, answer: str | None = None) -> set[str]:
    return {FACTS[fact] for fact in facts_of_shape(shape, answer)}


def test_an_empty_shape_says_nothing() -> None:
    assert names(Shape()) == set()


@pytest.mark.parametrize(
    ("shape", "fact"),
    [
        (Shape(has_tools=True), "offers_tools"),
        (Shape(called_tools=True), "calls_tools"),
        (Shape(wants_json=True), "wants_json"),
        (Shape(turns=7), "conversation"),
        (Shape(output_tokens=2), "tiny_answer"),
        (Shape(max_output_tokens=5, output_tokens=5), "tiny_answer"),
        (Shape(output_tokens=900), "long_answer"),
        (Shape(input_tokens=4000, output_tokens=120), "condenses"),
        (Shape(input_tokens=500, output_tokens=520), "same_size"),
        (Shape(input_tokens=40, output_tokens=300), "expands"),
    ],
)
def test_a_shape_shows_its_fact(shape: Shape, fact: str) -> None:
    assert fact in names(shape)


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        ('{"a": 1}', {"json_answer"}),
        ("```json\n{}\n```", {"json_answer"}),
        ("Here:\n```py\nx\n```", {"code_answer"}),
        ("- milk\n- eggs", {"list_answer"}),
        ("Milk - and eggs", set()),
    ],
)
def test_an_answer_shows_its_form(answer: str, facts: set[str]) -> None:
    assert names(Shape(), answer) == facts


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        ("Anna has 3 pens and buys 4. How many are that?", "numbers_asked"),
        ("milk\neggs\nbread\ntea\nsalt", "lines"),
        ("What is wrong here:\nshe go home", "request_above"),
        ("if (a[0] == b) { c = {}; }", "symbols"),
    ],
)
def test_a_message_shows_how_it_is_laid_out(message: str, fact: str) -> None:
    def shown(text: str) -> set[str]:
        return {FACTS[number] for number in facts_of_text(len(text), text, normalise(excerpt(text, FIRST, LAST)))}

    assert fact in shown(message)
    assert fact not in shown("Anna has 3 pens, and a book about ships.")


def test_the_same_question_is_agent_work_where_a_tool_was_called(classifier: Classifier) -> None:
    question = "What is the weather in Paris?"
    assert classifier.guess("", question, Shape()).task == "question_answering"
    assert classifier.guess("", question, Shape(has_tools=True, called_tools=True)).task == "agent"


def test_a_tiny_answer_tips_an_unclear_request_to_classification(classifier: Classifier) -> None:
    message = "The parcel came late again and the box was open."
    longer = classifier.guess("", message, Shape(output_tokens=120)).task
    assert classifier.guess("", message, Shape(output_tokens=2)).task == "classification" != longer
