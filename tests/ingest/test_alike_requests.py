"""Which requests are one, and how far two begin alike, where they hold more than their text."""

from typing import Any

from tests.ingest.conftest import Read
from tests.ingest.logs import lines

CAT, DOG = "https://example.com/cat.png", "https://example.com/dog.png"
PLACEHOLDER = "[image]"


def following(number: int, text: str, **more: Any) -> dict[str, Any]:
    """A call of OpenAI's Responses, whose history may be with the provider."""
    usage = {"input_tokens": 900, "output_tokens": 5}
    answer = {"id": f"resp_{number}", "object": "response", "model": "gpt-5", "usage": usage}
    request: dict[str, Any] = {"model": "gpt-5", "input": text, **more}
    return {"request": request, "response": answer}


def about(number: int, *urls: str, later: bool = False) -> dict[str, Any]:
    """A call that asks one question about images, and maybe goes on from its answer."""
    parts: list[dict[str, Any]] = [{"type": "text", "text": "What is this?"}]
    parts += [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    said = [{"role": "assistant", "content": "It purrs."}, {"role": "user", "content": "Is it a cat?"}]
    return {
        "request": {
            "model": "gpt-5",
            "messages": [
                {"role": "system", "content": "You look at pictures."},
                {"role": "user", "content": parts},
                *(said if later else []),
            ],
        },
        "response": {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "model": "gpt-5",
            "usage": {"prompt_tokens": 900, "completion_tokens": 5},
        },
    }


def test_the_same_words_after_another_answer_are_another_request(read: Read) -> None:
    calls = [
        following(1, "Go on."),
        following(2, "Go on.", previous_response_id="resp_a"),
        following(3, "Go on.", previous_response_id="resp_b"),
        following(4, "Go on.", previous_response_id="resp_b"),
        following(5, "Go on.", conversation="conv_a"),
    ]
    hashes = [row["prompt_hash"] for row in read(lines(*calls)).rows()]
    assert hashes[2] == hashes[3]
    assert len({*hashes[:3]}) == 3
    assert hashes[4] is None


def test_one_question_about_two_images_shares_no_more_than_what_stands_before_it(read: Read) -> None:
    calls = [
        about(1, CAT),
        about(2, CAT),
        about(3, DOG),
        about(4),
        about(5, PLACEHOLDER),
        about(6, PLACEHOLDER),
        about(7, CAT, later=True),
    ]
    systems, questions = zip(*(row["prefix_hashes"][:2] for row in read(lines(*calls)).rows()), strict=True)
    assert len(set(systems)) == 1
    assert questions[0] == questions[1]
    assert len({questions[0], *questions[2:6]}) == 5
