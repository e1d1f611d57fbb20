"""What a reader of a file in order remembers of earlier rows has a limit, and what is recent is within it."""

import json

from costsim.formats.agents.agent_sessions import Contexts
from costsim.formats.platforms import braintrust
from costsim.schema import Call, answer_of


def test_of_many_conversations_in_one_file_the_one_that_was_silent_longest_begins_anew() -> None:
    contexts = Contexts()

    def ask(conversation: int, number: int) -> int:
        call = Call(call_id=f"{conversation}-{number}", conversation_id=f"c{conversation}", input_tokens=100 + number)
        contexts.grow(call)
        return len(call.prefixes or ())

    assert [ask(conversation, 1) for conversation in range(1_000)] == [1] * 1_000
    assert ask(0, 2) == 2  # the first has spoken again, so the second is the one to go
    assert ask(1_000, 1) == 1
    assert (ask(0, 3), ask(2, 2), ask(1, 2)) == (3, 2, 1)


def test_rows_that_never_end_are_forgotten_when_they_fill_the_memory() -> None:
    read = braintrust.session()

    def begin(number: int) -> None:
        row = {"id": f"r{number}", "span_attributes": {"type": "llm"}, "root_span_id": "t", "input": "x" * (1 << 20)}
        assert [call.input_tokens for call in read(json.dumps(row).encode())] == [None]

    def end(number: int) -> list[Call]:
        row = {"id": f"r{number}", "_is_merge": True, "log_id": "g", "metrics": {"end": 2.0}, "output": "done"}
        return read(json.dumps(row).encode())

    for number in range(20):
        begin(number)
    assert end(0) == []
    assert [answer_of(call) for call in end(19)] == ["done"]
