"""Whether answers that were to be JSON are: looked at while their text is at hand, for it is dropped after that."""

from costsim.decode import is_json
from costsim.schema import FINE, INVALID_JSON, ManyCalls, text_of

_FEWEST_CHARACTERS = 1
"""Fewer characters than this for each token are not all the text: a logger cut it off."""
_OPENS, _CLOSES = ("{", "["), ("}", "]")


def check(calls: ManyCalls) -> None:
    """Fill in `answer_check` of the calls that asked for JSON, got an answer, and of which no format said anything."""
    wanted = calls.fields.get("wants_json")
    if wanted is None or not any(wanted):
        return
    checks = list(calls.column("answer_check"))
    answers, called = calls.column("answer"), calls.column("answer_has_tool_calls")
    status, output, thought = (calls.column(name) for name in ("status", "output_tokens", "reasoning_tokens"))
    for place in [place for place, wants in enumerate(wanted) if wants]:
        answer = answers[place]
        if checks[place] is None and answer is not None and not called[place] and status[place] == "ok":
            said = max((output[place] or 0) - (thought[place] or 0), 0)
            checks[place] = check_of(text_of(("assistant", answer)), said)
    calls.fields["answer_check"] = checks


def check_of(answer: str, tokens: int) -> str | None:
    """Return FINE or INVALID_JSON for an answer of so many tokens that was to be JSON; None where one cannot tell.

    Many logs hold a model's thoughts before its answer: what only ends like JSON may be JSON after thoughts. Several
    values, line by line, may be several answers to one request.
    """
    if is_json(answer):
        return FINE
    text = answer.strip()
    if len(text) < tokens * _FEWEST_CHARACTERS:
        return None
    if text.endswith(_CLOSES) and (not text.startswith(_OPENS) or all(map(is_json, text.splitlines()))):
        return None
    return INVALID_JSON
