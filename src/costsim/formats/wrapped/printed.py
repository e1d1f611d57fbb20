"""Answers as Python prints the objects of SDKs: what `str(response)` put into a log instead of JSON.

Read as an expression and never run: ChatCompletion(id='x', choices=[Choice(...)]) is an object of its keywords, and so
is what LangChain and google-genai print: content='yo' usage_metadata={...}.
"""

import ast
import io
import re
from tokenize import NAME, TokenError, TokenInfo, generate_tokens
from typing import Any
from warnings import catch_warnings

_OBJECT = re.compile(r"[A-Za-z_][\w.]*\(\w+=")
_BARE = re.compile(r"(content|candidates|sdk_http_response|id|text)=[\['\"A-Z]")
_MEMBER = re.compile(r"<[\w.]+: ('[^'\\]*'|-?\d+)>")
"""A member of an enumeration."""
_LEFT_OUT = re.compile(r"<\w+ len=\d+>|<class '[\w.]+'>")
_LONGEST = 1 << 20
_DEEPEST = 100


def may_be(text: str) -> bool:
    """Return whether a text begins like an object that Python printed."""
    if len(text) > _LONGEST:
        return False
    return (_OBJECT.match(text) is not None and text.rstrip().endswith(")")) or _BARE.match(text) is not None


def parsed(text: str) -> dict[str, Any] | None:
    """Return the object as JSON has it; None where the text is none, or was cut."""
    text = _LEFT_OUT.sub("None", _MEMBER.sub(r"\1", text.strip()))
    try:
        text = f"_({_with_commas(text)})" if _BARE.match(text) else text
        with catch_warnings(action="ignore"):  # of escapes that Python does not know
            tree = ast.parse(text, mode="eval")
        found = _value(tree.body, 0)
    except (SyntaxError, ValueError, MemoryError, RecursionError, TokenError):
        return None
    return found if isinstance(found, dict) else None


def _with_commas(text: str) -> str:
    """Fields that stand one after the other, parted as those of a call are."""
    tokens = [token for token in generate_tokens(io.StringIO(text).readline) if token.string.strip()]
    pieces: list[str] = []
    depth = 0
    for place, token in enumerate(tokens):
        if depth == 0 and place and token.type == NAME and _is_named(tokens, place):
            pieces.append(",")
        depth += (token.string in "([{") - (token.string in ")]}")
        pieces.append(token.string)
    return " ".join(pieces)


def _is_named(tokens: list[TokenInfo], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].string == "="


def _value(node: ast.expr, depth: int) -> Any:
    """The value of a node: objects by their keywords, names and anything else that is computed are null."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(node, ast.Call):
        return {word.arg: _value(word.value, depth + 1) for word in node.keywords if word.arg is not None}
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each, depth + 1) for each in node.elts]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {str(key.value): _value(value, depth + 1) for key, value in pairs if isinstance(key, ast.Constant)}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int | float) else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool):
        return node.value
    return None
