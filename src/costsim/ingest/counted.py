"""Tokens of calls whose log leaves them out, counted or estimated from their text, while that is still there."""

from collections.abc import Sequence

from costsim import tokens
from costsim.schema import Call, answer_of, text_of


def estimate_output(call: Call) -> None:
    """Put what the answer's text comes to in the place of output tokens that were never finally logged."""
    logged, call.output_tokens = call.output_tokens or 0, None
    if call.answer is None:
        call.output_tokens = logged
        return
    counted, _ = _count(call, [answer_of(call) or ""], 0)
    call.output_tokens, call.tokens_basis = max(logged, counted), tokens.ESTIMATED


def count_text(call: Call) -> None:
    """Fill in the counts that the log leaves out, from the text, where it has any."""
    bases = set()
    if call.input_tokens is None and call.messages is not None:
        is_chat = call.operation == "chat"  # nothing is put around a text that is completed or embedded
        texts = [text_of(message) for message in call.messages]
        call.input_tokens, basis = _count(call, texts, tokens.PER_MESSAGE if is_chat else 0)
        call.input_tokens += tokens.PER_REQUEST if is_chat else 0
        bases.add(basis)
    if call.output_tokens is None and (answer := answer_of(call)) is not None:
        call.output_tokens, basis = _count(call, [answer], 0)
        bases.add(basis)
    if bases:
        call.tokens_basis = tokens.ESTIMATED if tokens.ESTIMATED in bases else tokens.COUNTED


def _count(call: Call, texts: Sequence[str], extra: int) -> tuple[int, str]:
    total, bases = 0, {tokens.COUNTED}
    for text in texts:
        count, basis = tokens.count(text, call.model)
        total += count + extra
        bases.add(basis)
    return total, tokens.ESTIMATED if tokens.ESTIMATED in bases else tokens.COUNTED
