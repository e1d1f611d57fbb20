"""Generic: being written."""
from typing import Any
from costsim.schema import Call
NAME = "generic"
ABOUT = "a table"
def claims(record: dict[str, Any]) -> bool:
    """No."""
    return False
def read(record: bytes) -> list[Call]:
    """None."""
    return []
class Mapping: pass
def reader(mapping: Mapping) -> Any: return read
