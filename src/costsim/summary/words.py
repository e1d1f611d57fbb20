"""How reports say what they count."""


def name(word: str | None, kind: str) -> str:
    """Return a label as a report says it."""
    return f"`{word}`" if word else f"calls without a {kind}"


def of(word: str | None, kind: str) -> str:
    """Return whose something is: 'of `search`', or 'without a route'."""
    return f"of {name(word, kind)}" if word else f"without a {kind}"


def number(count: int, one: str) -> str:
    """Return a count with its noun: '1 call', '2 calls'."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def verb(count: int, one: str, many: str) -> str:
    """Return the form of a verb that goes with a count."""
    return one if count == 1 else many


def rounded(tokens: int) -> str:
    """Return an estimated number of tokens with as many digits as it is good for."""
    step = 100 if tokens >= 1000 else 10
    return f"{(tokens + step // 2) // step * step:,}"
