"""What the same call would use on another model: factors for input and output tokens, each with its error.

`factors(measured).of(source, target, task)`. Knows no prices; models are keys such as 'openai/gpt-5.4'.
"""

from costsim.projection.answered import Answered, tells
from costsim.projection.estimates import ONE, Basis
from costsim.projection.factors import Factor, Factors, Stated, factors
from costsim.projection.measured import Measured, alone, alone_in_runs, measured, repeated
from costsim.projection.singles import InRuns

__all__ = [
    "ONE",
    "Answered",
    "Basis",
    "Factor",
    "Factors",
    "InRuns",
    "Measured",
    "Stated",
    "alone",
    "alone_in_runs",
    "factors",
    "measured",
    "repeated",
    "tells",
]
