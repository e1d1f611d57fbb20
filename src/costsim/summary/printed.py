"""What an audit and a simulation print in the same way: amounts, the time that calls span, and the prices."""

from datetime import UTC, datetime
from decimal import Decimal

from costsim.prices import PriceTable
from costsim.schema import usd
from costsim.summary.question import Question
from costsim.summary.report import Prices, Window
from costsim.summary.sums import Sums

SCHEMA_VERSION = "1"
DAYS_OF_A_MONTH = Decimal("30.44")
_DAY = 86_400_000_000


def money(amount: int) -> str:
    """Return an amount in 10^-12 USD as the exact decimal, without exponent or needless zeros."""
    text = f"{usd(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def prices_of(prices: PriceTable, question: Question) -> Prices:
    """Return which prices were used."""
    return Prices(list(prices.sources), question.as_of_said, prices.newest, prices.hash, question.mode)


def window_of(sums: Sums) -> Window:
    """Return the time that the calls span."""
    if sums.first_at is None or sums.last_at is None:
        return Window(None, None, None)
    days = (sums.last_at - sums.first_at) / _DAY
    return Window(_time(sums.first_at), _time(sums.last_at), round(days, 4))


def _time(at: int) -> str:
    whole, rest = divmod(at, 1_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06d}".rstrip("0").rstrip(".") + "Z" if rest else f"{text}Z"


def days_of(sums: Sums) -> Decimal | None:
    """Return the days of the window, to tell a month by; None for less than one, or where no call in it has a price."""
    days, basis = window_of(sums).days, sums.basis
    dated = basis.computed + basis.reported - basis.undated_priced
    return Decimal(str(days)) if dated and days is not None and days >= 1 else None


def a_month(amount: int, days: Decimal | None) -> str | None:
    """Return what an amount of so many days comes to in 30.44 of them, in USD to the cent; None for None."""
    if days is None:
        return None
    return f"{(usd(amount) / days * DAYS_OF_A_MONTH).quantize(Decimal('0.01')):f}"
