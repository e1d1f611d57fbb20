"""Sums of whole numbers by group, exact, so that they are the same in every order and add up across batches."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_HALF, _EXACT = 26, 1 << 53
_LOW = np.int64((1 << _HALF) - 1)


def sums_by(groups: Ints, values: Ints, size: int) -> Ints:
    """Return the sum of the values of each group from 0 to `size`; values from 0 to 2^52, or 2^63 of up to 2^16.

    bincount adds doubles, which are exact below 2^53: the halves of larger numbers are added apart.
    """
    if int(values.max(initial=0)) * len(values) < _EXACT:
        return np.bincount(groups, values, size).astype(np.int64)
    low = np.bincount(groups, values & _LOW, size).astype(np.int64)
    high = np.bincount(groups, values >> _HALF, size).astype(np.int64)
    return low + (high << _HALF)
