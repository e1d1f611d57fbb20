"""What holds for every guess."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.tasks import COMPLEXITIES, TASKS, UNKNOWN, Classifier, Shape, TaskMap
from costsim.tasks.explanation import scores_of
from costsim.tasks.findings import findings
from costsim.tasks.model import LABELS, Fitted, build, read_signals, shipped

CLASSIFIER = Classifier()
counts = st.none() | st.integers(-5, 10**9)
shapes = st.builds(
    Shape,
    st.integers(0, 500),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    counts,
    counts,
    counts,
)
words = st.sampled_from(
    ["Summarize", "translate", "the text", "into French", "?", ":", "12", "\n", "```python", "Write a", "What"]
)
texts = st.text() | st.lists(words, max_size=200).map(" ".join)
DOCUMENT = "The council met on Monday. Members spoke about parks, roads and the new library.\n" * 60


@given(texts, texts, shapes, st.none() | texts)
def test_any_text_gets_a_valid_guess(system: str, user: str, shape: Shape, answer: str | None) -> None:
    guess = CLASSIFIER.guess(system, user, shape, answer=answer)
    assert guess.task in TASKS
    assert guess.complexity in COMPLEXITIES
    assert 0 <= guess.confidence <= 1
    assert 0 <= guess.score <= 1


@given(texts, texts, shapes)
def test_a_guess_does_not_depend_on_what_was_guessed_before(system: str, user: str, shape: Shape) -> None:
    assert CLASSIFIER.guess(system, user, shape) == Classifier().guess(system, user, shape)


@given(texts, texts, shapes)
def test_the_fast_sum_names_the_task_that_the_findings_name(system: str, user: str, shape: Shape) -> None:
    guess = Classifier(threshold=0).guess(system, user, shape)
    scores = scores_of(shipped(), findings(shipped(), system, user, shape))
    if guess.confidence:
        assert scores[LABELS.index(guess.task)] == pytest.approx(max(scores), abs=0.2)


@given(texts, texts)
def test_the_reasons_add_up_to_the_scores(system: str, user: str) -> None:
    sums: dict[str, float] = defaultdict(float)
    for reason in CLASSIFIER.explain(system, user, Shape()):
        sums[reason.task] += reason.weight
    scores = scores_of(shipped(), findings(shipped(), system, user, Shape()))
    for task, total in sums.items():
        assert total == pytest.approx(scores[LABELS.index(task)])


def test_an_explanation_names_the_signal_the_place_and_the_runner_up(classifier: Classifier) -> None:
    reasons = classifier.explain("", "Summarize this article: what is new?", Shape())
    assert (reasons[0].task, reasons[0].signal, reasons[0].where) == (
        "summarization",
        "summarize_command",
        "first words",
    )
    assert len({reason.task for reason in reasons}) == 2


@pytest.mark.parametrize("user", ["", " \n\t"])
def test_without_text_the_task_is_unknown(classifier: Classifier, user: str) -> None:
    guess = classifier.guess("", user, Shape(input_tokens=900, output_tokens=20))
    assert (guess.task, guess.confidence) == (UNKNOWN, 0.0)


@pytest.mark.parametrize("called", [True, False])
def test_without_text_tools_still_say_agent_surer_where_one_is_called(classifier: Classifier, called: bool) -> None:
    guess = classifier.guess("", "", Shape(has_tools=True, called_tools=called))
    assert guess.task == "agent"
    assert (guess.confidence > 0.95) is called


@pytest.mark.parametrize("operation", ["embedding", "rerank", "image", "audio"])
def test_an_operation_that_is_no_chat_has_no_task(classifier: Classifier, operation: str) -> None:
    guess = classifier.guess("", "Translate this to French: hello", Shape(), operation=operation)
    assert (guess.task, guess.confidence) == (UNKNOWN, 0.0)


def test_below_the_threshold_a_task_is_unknown_but_says_how_sure_it_was() -> None:
    guess = Classifier(threshold=0.99).guess("", "Is it?", Shape())
    assert guess.task == UNKNOWN
    assert 0 < guess.confidence < 0.99


def test_the_users_map_wins_over_the_text_and_leaves_the_complexity_to_it() -> None:
    mapped = Classifier(TaskMap(routes={"digest-*": "summarization"}))
    guess = mapped.guess("", "Translate to French: hello", Shape(), route="digest-daily")
    assert (guess.task, guess.confidence) == ("summarization", 1.0)
    assert mapped.guess("", "Translate to French: hello", Shape(), route="other").task == "translation"
    assert mapped.explain("", "hello", Shape(), route="digest-daily")[0].where == "map"


def test_what_stands_in_the_middle_of_a_long_document_does_not_decide(classifier: Classifier) -> None:
    user = f"Summarize this report.\n\n{DOCUMENT}Translate to French. Write a Python function.\n{DOCUMENT}"
    assert classifier.guess("", user, Shape()).task == "summarization"


def test_an_instruction_after_a_long_document_decides(classifier: Classifier) -> None:
    assert classifier.guess("", f"{DOCUMENT}\nTranslate the text above into German.", Shape()).task == "translation"


def test_a_system_prompt_that_states_the_task_wins_over_the_text_to_work_on(classifier: Classifier) -> None:
    system = "Classify the customer's message as complaint, question or praise. Reply with one word."
    assert classifier.guess(system, "Could you write me a short poem about it?", Shape()).task == "classification"


def test_a_longer_document_alone_makes_nothing_complex(classifier: Classifier) -> None:
    asked = "What is the capital of Australia?"
    alone = classifier.guess("", asked, Shape())
    with_document = classifier.guess("", f"{asked}\n\n{DOCUMENT * 5}", Shape())
    assert alone.complexity == with_document.complexity == "simple"


@pytest.mark.parametrize(
    "form",
    [
        "{ask}\n\n{document}",
        "{ask} {document}",
        "{document}\n\n{ask}",
        "Context: {document}\n\nQuestion: {ask}",
        "Answer from the text below. Text: {document}\n\n{ask}",
    ],
)
@pytest.mark.parametrize("sentences", [6, 15, 40, 400])
def test_the_same_question_is_as_hard_over_a_document_of_any_length(
    classifier: Classifier, form: str, sentences: int
) -> None:
    asked = "What did the members of the council speak about?"
    document = "The council met on Monday. Members spoke about parks, roads and the new library. " * (sentences // 2)
    guess = classifier.guess("", form.format(ask=asked, document=document), Shape())
    assert (guess.task, guess.complexity) == ("question_answering", "simple")


def test_a_puzzle_with_more_to_heed_looks_harder(classifier: Classifier) -> None:
    facts = ["Ann sits left of Bo.", "Cy sits at an end.", "Bo is not beside Cy.", "Dee sits opposite of nobody."]
    scores = [
        classifier.guess("", " ".join([*facts[:count], "Who sits at the other end?"]), Shape()).score
        for count in (1, 2, 3, 4)
    ]
    assert scores == sorted(scores)
    assert scores[-1] > scores[0]


def test_a_proof_looks_harder_than_a_fact_and_a_fact_harder_than_a_greeting(classifier: Classifier) -> None:
    proof, fact, greeting = (
        classifier.guess("", text, Shape()).score
        for text in (
            "Prove that every convex polynomial has a minimum, and justify each step in detail.",
            "Why do ships float?",
            "Hi!",
        )
    )
    assert proof > 0.62 > fact > greeting


def test_single_words_speak_only_where_the_signals_leave_a_task_open() -> None:
    classifier = Classifier(model=build(read_signals(), Fitted(), words={"zebra": {"math": 3.0}}))
    for message, task, looked_at in (
        ("zebra ahead", "math", True),
        ("Translate to French: zebra", "translation", False),
    ):
        assert classifier.guess("", message, Shape()).task == task
        found = {reason.where for reason in classifier.explain("", message, Shape())}
        assert ("words" in found) == looked_at
