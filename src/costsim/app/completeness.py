"""What --strict asks for: that nothing of the logs is missing in the figures."""

from costsim.errors import EvidenceError
from costsim.reports.numbers import plural


def insist_on_all(*, rejected: int, unpriced: int, damaged: int) -> None:
    """Raise EvidenceError where lines were rejected, calls have no price, or files break off; all of it is named."""
    missing = {
        plural(rejected, "rejected line"): rejected,
        f"{plural(unpriced, 'call')} without a price": unpriced,
        plural(damaged, "damaged file"): damaged,
    }
    if any(missing.values()):
        raise EvidenceError(", ".join(what for what, number in missing.items() if number), where="--strict")
