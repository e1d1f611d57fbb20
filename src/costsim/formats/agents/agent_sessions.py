"""What transcripts of coding agents have in common: names of the work they belong to, and a context that grows."""

from functools import lru_cache

from xxhash import xxh3_64_intdigest

from costsim.schema import Call

_MOST_CONVERSATIONS = 1_000
"""Of one file at a time: the one that was silent for longest is forgotten, and begins anew where it goes on."""
_MOST = 64
_FIRST = 8


@lru_cache(maxsize=1024)
def tags_of(folder: str | None, branch: str | None = None) -> dict[str, str] | None:
    """Return a session's project (the last part of its folder) and branch as tags; equal ones are one object."""
    project = (folder or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    found = {name: value for name, value in (("project", project), ("branch", branch)) if value}
    return found or None


def fill_apart(
    call: Call,
    fresh: int | None,
    output: int | None,
    read: int | None,
    written: int | None,
    reasoning: int | None = None,
) -> None:
    """Fill in counts that a log keeps apart: input without what a cache held or took in, output without `reasoning`."""
    if fresh is None and output is None:
        return
    call.input_tokens = (fresh or 0) + (read or 0) + (written or 0)
    call.cache_read_tokens, call.cache_write_tokens = read, written
    call.output_tokens, call.reasoning_tokens = (output or 0) + (reasoning or 0), reasoning
    call.tokens_basis = "logged"


class Contexts:
    """The contexts of one file's conversations: each request repeats the one before it, and adds to it.

    That is how agents work, and all that their transcripts tell of what requests share, as they hold no prompts whole.
    A request with fewer tokens than the one before it begins anew: the context was compacted.
    """

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[int, int]]] = {}

    def grow(self, call: Call) -> None:
        """Fill in the call's prefixes, given its conversation, id and input tokens."""
        if not (call.conversation_id and call.call_id and call.input_tokens):
            return
        known = self._of.pop(call.conversation_id, [])
        self._of[call.conversation_id] = known
        if len(self._of) > _MOST_CONVERSATIONS:
            del self._of[next(iter(self._of))]
        own = xxh3_64_intdigest(f"{call.conversation_id}\0{call.call_id}".encode("utf-8", "replace"))
        if known and known[-1][0] == own:  # another row of the same request
            known.pop()
        if known and known[-1][1] > call.input_tokens:
            known.clear()
        known.append((own, call.input_tokens))
        if len(known) > _MOST:
            del known[_FIRST]
        call.prefixes = known.copy()
