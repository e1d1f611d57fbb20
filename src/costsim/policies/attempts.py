"""What a policy yields: attempts, the requests that it would send, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costsim.cost import Usage


@dataclass(frozen=True)
class Attempts:
    """The requests that a batch of calls becomes under a policy."""

    call: NDArray[np.int64]
    """Which call of the batch each attempt belongs to."""
    usage: Usage
    """Model, tier, time and tokens of each attempt."""
    billed: NDArray[np.bool_]
    """False where the provider charges nothing: a refused request, an answer from a gateway's own cache."""
