"""What each plain call is expected to cost: requests that cost tokens times rates, several kinds of them at once.

Requests of different kinds stand in one layer where no cell has both, so that a pass over all calls is a pass for many.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from costsim.policies.attempts import Ints
from costsim.replay.cells.tokens import CellTokens, pieces, times
from costsim.replay.outcome import expected_cost


class Terms(NamedTuple):
    """What a request of a call of a cell costs; all columns by cell."""

    read: Ints
    """Factor of input, in millionths; 0 where the prompt is not read."""
    read_more: Ints
    """Factor of output, of an answer that is read besides the prompt."""
    written: Ints
    """Factor of output."""
    of_input: Ints
    """10^-12 USD for each token."""
    of_output: Ints
    fixed: Ints
    """10^-12 USD for each request."""
    part: Ints
    """What is billed of it, as `billed_part` has it."""


@dataclass
class Layers:
    """Requests of cells, one above the other."""

    cells: int
    _layers: list[Terms] = field(default_factory=list)
    _of_kind: dict[tuple[object, ...], Ints] = field(default_factory=dict)
    """Kind of request -> the layer in which it stands, of each cell; -1 for none."""

    def __post_init__(self) -> None:
        self._height = np.zeros(self.cells, np.int64)

    def add(self, kind: tuple[object, ...], rows: Ints, terms: Terms) -> None:
        """Add requests of some cells; those of one kind cost the same for a call."""
        layer = self._of_kind.setdefault(kind, np.full(self.cells, -1))
        new = rows[layer[rows] < 0]
        layer[new] = self._height[new]
        self._height[new] += 1
        while len(self._layers) < self._height.max(initial=0):
            self._layers.append(Terms(*(np.zeros(self.cells, np.int64) for _ in Terms._fields)))
        for height in np.flatnonzero(np.bincount(layer[rows])).tolist():
            here = layer[rows] == height
            *columns, part = self._layers[height]
            for column, values in zip(columns, terms, strict=False):
                column[rows[here]] = values[here]
            part[rows[here]] += terms.part[here]

    def expected(self, tokens: CellTokens, found: Ints) -> None:
        """Add what each call is expected to cost to `found`, as `expected_cost` has it."""
        layers = [_Layer(each) for each in self._layers]
        for calls in pieces(len(found)):
            which, costs = tokens.cells.which[calls], found[calls]
            read, written = tokens.usage.input_tokens[calls], tokens.usage.output_tokens[calls]
            heights = self._height.take(which)
            for height, layer in enumerate(layers):
                rows = np.flatnonzero(heights > height)
                if len(rows) == len(costs):
                    costs += layer.expected(which, read, written)
                elif len(rows):
                    costs[rows] += layer.expected(which.take(rows), read.take(rows), written.take(rows))


class _Layer:
    """One layer, with what it multiplies as floats: products stay below 2^53."""

    def __init__(self, terms: Terms) -> None:
        self._read, self._more, self._written = (each.astype(np.float64) for each in terms[:3])
        self._of_input, self._of_output, self._fixed, self._part = terms[3:]
        self._reads_more, self._has_fixed = bool(terms.read_more.any()), bool(terms.fixed.any())

    def expected(self, which: Ints, read: Ints, written: Ints) -> Ints:
        """Return what calls of these cells are expected to cost in this layer."""
        reads = times(read, self._read.take(which))
        if self._reads_more:
            reads += times(written, self._more.take(which))
        cost = reads * self._of_input.take(which)
        cost += times(written, self._written.take(which)) * self._of_output.take(which)
        if self._has_fixed:
            cost += self._fixed.take(which)
        return expected_cost(cost, self._part.take(which))
