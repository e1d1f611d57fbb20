"""What a log format is: a module with these four public names, listed in `FORMATS`."""

from typing import Any, Protocol

from costsim.schema import Call


class LogFormat(Protocol):
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
