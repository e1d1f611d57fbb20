"""From the sums of a log to estimates of a factor."""

import math

from costsim.projection.estimates import Estimate
from costsim.projection.measured import Pair
from costsim.projection.singles import Alone

PSEUDO_PROMPTS = 5
"""How many prompts of public data the spread of a few measured ones is mixed with: few often agree by chance."""


MISSED = 1.15
"""Standard errors are so much too small: the few very long answers are mostly not among the prompts that were seen."""


def of_pair(pair: Pair, call_sd: float) -> Estimate:
    """Return the ratio of sums on the prompts that both models answered.

    The error is that of a ratio estimator: its variance is the mean square of y - r x over the square of the mean y,
    by the number of prompts. `call_sd` is the usual root of that mean square.
    """
    ratio = pair.y / pair.x
    squares = pair.yy - 2 * ratio * pair.xy + ratio * ratio * pair.xx
    mean = pair.y / pair.prompts
    spread = (max(squares, 0.0) / mean**2 + PSEUDO_PROMPTS * call_sd**2) / (pair.prompts + PSEUDO_PROMPTS)
    return Estimate(math.log(ratio), MISSED * math.sqrt(spread / pair.prompts), "measured", pair.prompts)


def of_others(source: Alone, target: Alone, call_sd: float, mix: float) -> Estimate:
    """Return the ratio of mean outputs of two models that had other prompts of the same task.

    Which prompts a router gave to which model is a part of that ratio. How far it has been off by that is `mix` times
    the spread of the outputs, but no less than half of what is usual: where all answers are alike, it hardly matters
    who got which prompt. Prompts of other lengths are other prompts, and make it as unsure again.
    """
    ratio = (target.output / target.calls) / (source.output / source.calls)
    lengths = math.log((target.input / target.calls) / (source.input / source.calls))
    before, after = _spread(source, call_sd), _spread(target, call_sd)
    spread = max((before + after) / 2, (call_sd / 2) ** 2)
    variance = mix**2 * (spread + lengths**2) + before / source.calls + after / target.calls
    return Estimate(math.log(ratio), math.sqrt(variance), "estimated", min(source.calls, target.calls))


def _spread(alone: Alone, call_sd: float) -> float:
    """The variance of outputs over the square of their mean."""
    mean = alone.output / alone.calls
    squares = max(alone.output_squares - alone.calls * mean * mean, 0.0) / mean**2
    return (squares + PSEUDO_PROMPTS * call_sd**2) / (alone.calls + PSEUDO_PROMPTS)
