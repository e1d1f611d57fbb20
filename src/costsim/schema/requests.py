"""Requests as a whole: what is asked, and how, beside the model that is asked."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.schema.columns import flags, whole_numbers

REQUEST_COLUMNS = ("prompt_hash", "input_tokens", "temperature", "wants_json")
"""What tells requests apart. Two that differ only in a schema or in tools are told apart by their input tokens."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def request_hashes(calls: pa.Table) -> NDArray[np.uint64]:
    """Return a hash of each request, equal for those that ask the same in the same way; 0 where the text is unknown.

    How long the answer may be is left out: who asks again for what was cut off asks for the same.
    """
    prompts = calls.column("prompt_hash").fill_null(0).to_numpy().astype(np.uint64, copy=False)
    found = prompts.copy()
    heat = calls.column("temperature").fill_null(-1).to_numpy().astype(np.float32, copy=False).view(np.int32)
    for told in (whole_numbers(calls, "input_tokens"), heat, flags(calls, "wants_json")):
        found = (found ^ told.astype(np.uint64)) * _STEP
        found ^= found >> _HALF
    return np.where(prompts == 0, np.uint64(0), found)
