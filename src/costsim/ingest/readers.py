"""What reads the records of a source: its own format, or each record's where it holds several or cannot read one."""

from collections.abc import Callable, Sequence

import msgspec

from costsim import formats
from costsim.errors import LogError
from costsim.formats.bedrock import log as bedrock_log
from costsim.formats.contract import as_batch, as_reader_of_lines
from costsim.formats.tables import generic
from costsim.ingest.batch_inputs import BatchInputs
from costsim.ingest.sources import bodies
from costsim.ingest.sources.found import Source
from costsim.schema import Call, ManyCalls

Read = Callable[[bytes], list[Call]]
Rest = Callable[[], list[Call]]
ReadLines = Callable[[Sequence[bytes]], tuple[ManyCalls, list[int]]]


class Readers:
    """The readers of one source; those of formats that are not its own are made when a record asks for them."""

    def __init__(self, source: Source, inputs: BatchInputs) -> None:
        look = source.look
        self._name, self._formats, self._several = source.name, look.formats, len(look.formats) > 1
        self._is_of_one_format = look.is_of_one_format
        self._own, rest = _reader(source, inputs)
        self._rest = rest
        self._others: dict[str, tuple[Read, Rest]] = {}
        self.found: set[str] = set()
        """The formats besides the file's own in which calls of it were found."""
        self.lines = None if self._several else _reader_of_lines(source)
        """The quicker way for usual lines, many at a time; None where the format has none."""

    def read(self, record: bytes) -> list[Call]:
        """Return the calls of a record; DecodeError, UnicodeDecodeError or RecursionError where it is broken."""
        if self._several:
            return self._as_claimed(record, _plain(record)) or []
        calls = self._own(record)
        if self._is_of_one_format or (calls and calls[0].tokens_basis is not None):  # as a rule
            return calls
        others = self._as_other(record)
        return calls if others is None else others

    def rest(self) -> list[Call]:
        """Return the calls of which only a part was read when the records ended."""
        left = {name: rest() for name, (_, rest) in self._others.items()}
        for name, calls in left.items():
            self._note(name, calls)
        return [*self._rest(), *(call for calls in left.values() for call in calls)]

    def _note(self, name: str, calls: list[Call]) -> None:
        if calls and name != self._formats[0]:
            self.found.add(name)

    def _as_other(self, record: bytes) -> list[Call] | None:
        """Ask the other formats about a record that is no call of the file's own, or one without counts.

        None where it is of that format still, or of none: the loggers of some people write what any provider answers.
        """
        own, plain = self._formats[0], _plain(record)
        if own != generic.NAME and isinstance(plain, dict) and formats.FORMATS[own].claims(plain):
            return None
        return self._as_claimed(record, plain)

    def _as_claimed(self, record: bytes, plain: object) -> list[Call] | None:
        """Ask each format about a record, given decoded too: the file holds several, or what its own cannot read."""
        if not isinstance(plain, dict):
            return None
        try:
            claimed = formats.detect(plain, self._name)
        except LogError as problem:
            raise msgspec.DecodeError(problem.what) from problem
        if claimed is None:
            return None
        if claimed.NAME not in self._others:
            self._others[claimed.NAME] = formats.reader_and_rest(claimed)
        calls = self._others[claimed.NAME][0](record)
        self._note(claimed.NAME, calls)
        return calls


def _plain(record: bytes) -> object:
    try:
        return msgspec.json.decode(record)
    except UnicodeDecodeError:
        return msgspec.json.decode(record.decode("utf-8", "replace"))


def _reader(source: Source, inputs: BatchInputs) -> tuple[Read, Rest]:
    look = source.look
    if look.mapping is not None:
        return generic.reader(look.mapping), list
    log_format = formats.FORMATS[look.formats[0]]
    if (batch_format := as_batch(log_format)) is not None:
        return batch_format.joined_reader(inputs.of(source, batch_format)), list
    read, rest = formats.reader_and_rest(log_format)
    return (bodies.joined(read, source.path) if log_format.NAME == bedrock_log.NAME else read), rest


def _reader_of_lines(source: Source) -> ReadLines | None:
    if source.look.mapping is not None:
        return None
    each = as_reader_of_lines(formats.FORMATS[source.look.formats[0]])
    return None if each is None else each.read_lines
