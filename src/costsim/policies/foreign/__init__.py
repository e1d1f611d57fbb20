"""Other programs' routing configurations to policies and back; what cannot be carried over is told, never dropped.

To add one: a pair of modules with `read` and `write`, and its line in `FOREIGN`.
"""

from typing import NamedTuple

from costsim.policies.foreign import (
    litellm_read,
    litellm_write,
    openrouter_read,
    openrouter_write,
    portkey_read,
    portkey_write,
)
from costsim.policies.foreign.contract import Read, Write


class Program(NamedTuple):
    """Both directions of one program."""

    read: Read
    write: Write


FOREIGN: dict[str, Program] = {
    "litellm": Program(litellm_read.read, litellm_write.write),
    "portkey": Program(portkey_read.read, portkey_write.write),
    "openrouter": Program(openrouter_read.read, openrouter_write.write),
}
