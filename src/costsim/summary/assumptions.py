"""What the figures of an audit rest on, in sentences."""

from costsim.replay import CostMode
from costsim.summary.report import Coverage
from costsim.summary.sums import Sums


def of(sums: Sums, coverage: Coverage, as_of: str, mode: CostMode) -> list[str]:
    """Return the assumptions that made a difference in this report."""
    said = [_prices(as_of, mode)]
    if coverage.reported and mode == "auto":
        said.append(f"{coverage.reported:,} calls without a list price cost what the log reports.")
    if coverage.before_first_price:
        said.append(f"{coverage.before_first_price:,} calls are older than their model's first known price and have that price.")
    if coverage.tokens_counted:
        said.append(f"Tokens of {coverage.tokens_counted:,} calls were counted here with the model's own encoding.")
    if coverage.tokens_estimated:
        said.append(f"Tokens of {coverage.tokens_estimated:,} calls were estimated from the length of the text (about 10 % off).")
    if sums.parts.get("cache_write"):
        said.append("Cache writes without a lifetime in the log are billed as the model's shortest one.")
    said.append("Savings assume that another model or a shorter prompt would have used the same tokens otherwise.")
    said.append("Tasks are guessed from the instruction and the request's shape; a map of yours wins over the guess.")
    return said


def _prices(as_of: str, mode: CostMode) -> str:
    if mode == "reported":
        return "Costs are what the log reports."
    day = {"logged": "of each call's own day", "today": "of today"}.get(as_of, f"of {as_of}")
    return f"List prices {day}; discounts of yours are not in them unless --prices says so."
