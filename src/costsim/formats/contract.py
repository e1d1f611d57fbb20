"""What a log format is: a module with the public names of `LogFormat`, listed in `FORMATS`."""

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, Protocol, runtime_checkable

from costsim.schema import Call, ManyCalls


class LogFormat(Hashable, Protocol):
    """One log format; a module satisfies this, there is nothing to inherit."""

    NAME: str
    """What users write after --log-format, and what `calls.source` says."""
    ABOUT: str
    """One line for `costsim formats`: what this is, and how it is recognised."""

    def claims(self, record: dict[str, Any]) -> bool:
        """Whether this decoded JSON object is a record of this format, whatever else it may hold."""

    def read(self, record: bytes) -> list[Call]:
        """Return the calls of one record, given as JSON; an empty list where it is no call.

        Raises msgspec.DecodeError where the record is broken. Nothing else: a field of an unexpected type is absent.
        """


@runtime_checkable
class DatabaseFormat(LogFormat, Protocol):
    """A format that a tool also keeps in an SQLite database."""

    QUERIES: dict[str, str]
    """For each table of it, what to select: each row, as a JSON object of its columns, is a record of the format."""


@runtime_checkable
class KeepsLast(Protocol):
    """A format that writes a call again when it knows more of it: of copies equally complete, the last is kept.

    Of any other format the first is kept.
    """

    KEEPS_LAST: bool


@runtime_checkable
class BatchFormat(LogFormat, Protocol):
    """A format of batch jobs: what was asked stands in another file than what was answered, under one `custom_id`.

    Lines of both kinds are of the format; no other format is asked about the records of such a file.
    """

    def custom_id(self, record: bytes) -> str | None:
        """Return the id of a record that says what was asked; None for any other record."""

    def joined_reader(self, requests: Callable[[str], bytes | None]) -> Callable[[bytes], list[Call]]:
        """Return a function like `read`; `requests` returns the record with an id, where it is at hand."""


@runtime_checkable
class Chained(Protocol):
    """A format in which `parent_id` names the answer before this one: the calls of a chain are one conversation."""

    CHAINED: bool


@runtime_checkable
class Nests(Protocol):
    """A format of spans, in which a call may be wrapped by another one for the same call: the inner one is kept.

    The `parent_id` of its calls is the `call_id` of the call around them, where there is one.
    """

    NESTS: bool


@runtime_checkable
class ToldTwice(Protocol):
    """A format in which two programs may tell of one call side by side, one of them without the answer's own id.

    The `call_id` of a call is its trace, a colon, and the answer's id, or the span's 16 hexadecimal digits instead.
    """

    TOLD_TWICE: bool


@runtime_checkable
class SumsUp(Protocol):
    """A format in which a call may be the sum of a session, and is none where calls of the session are logged too.

    The `parent_id` of a sum is its `trace_id`, which is that of all calls of the session, or its own `call_id`, which
    is that of one of them. Of any other call it is neither.
    """

    SUMS_UP: bool


@runtime_checkable
class SessionFormat(LogFormat, Protocol):
    """A format whose records can only be understood after earlier ones of the same file: an agent's transcript.

    A file of it is read in one piece and in order, by a reader of its own; no other format is asked about its records.
    """

    def session(self) -> Callable[[bytes], list[Call]]:
        """Return a function like `read` for the records of one file, from its first to its last."""


@runtime_checkable
class Ending(SessionFormat, Protocol):
    """A format of sessions in which a call may still be open when the file ends, and something is known of it."""

    def session_and_rest(self) -> tuple[Callable[[bytes], list[Call]], Callable[[], list[Call]]]:
        """Return what `session` returns, and a function that returns the calls that are left after the last record."""


@runtime_checkable
class ReadsLines(Protocol):
    """What a format of logs of gigabytes may have besides: a quicker way for lines of the usual shape."""

    def read_lines(self, lines: Sequence[bytes]) -> tuple[ManyCalls, list[int]]:
        """Return the calls of the usual lines, and the places of those lines, in order.

        Each holds one call, with its id and with its input and output tokens, equal to the one that `read` returns for
        the line. Any other line is left to `read`, which also says what is wrong with it. Raises nothing.
        """


@cache
def as_session(log_format: LogFormat | None) -> SessionFormat | None:
    """Return the format if it is one of sessions, else None; looked at once, for that is slow and files may be many."""
    return log_format if isinstance(log_format, SessionFormat) else None


@cache
def as_ending(log_format: LogFormat) -> Ending | None:
    """Return the format if it is one of sessions that may leave calls open, else None."""
    return log_format if isinstance(log_format, Ending) else None


@cache
def as_batch(log_format: LogFormat) -> BatchFormat | None:
    """Return the format if it is one of batch jobs, else None."""
    return log_format if isinstance(log_format, BatchFormat) else None


@cache
def as_reader_of_lines(log_format: LogFormat) -> ReadsLines | None:
    """Return the format if it has a quicker way for lines, else None."""
    return log_format if isinstance(log_format, ReadsLines) else None


@cache
def nests(log_format: LogFormat) -> bool:
    """Return whether calls of the format may be wrapped by other spans for the same call."""
    return isinstance(log_format, Nests)
