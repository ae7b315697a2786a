"""What a request will cost, computed from the document of fees. Whole numbers of the smallest unit throughout; what a
percentage leaves over is to the reader's favour.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from service_desk.fees import Exemption, FeeRule, Fees, Rounding, Unit
from service_desk.told import Title

_FREE = Title.of("Free for this relation", "该身份免收", "該身分免收")
_MINIMUM = Title.of("Minimum charge", "最低收费", "最低收費")
_ROUNDED = Title.of("Rounding", "尾数进位", "尾數進位")
_ROUNDED_DOWN = Title.of("Rounded down", "抹去尾数", "抹去尾數")


class Order(Struct, frozen=True, kw_only=True):
    """What an estimate is of. `exemption` is the one that the reader claims."""

    type: str
    relation: str | None = None
    pages: int = 1
    copies: int = 1
    records: int = 1
    carrier: str | None = None
    delivery: str | None = None
    certified: bool = False
    exemption: str | None = None


class EstimateLine(Struct, frozen=True):
    """A line: so many at that price, `off` less, and why."""

    code: str
    what: Title
    count: int
    price: int
    off: int = 0
    why: tuple[Title, ...] = ()

    @property
    def amount(self) -> int:
        """What it comes to."""
        return self.count * self.price - self.off

    def less(self, off: int, why: Title) -> EstimateLine:
        """The same with so much less."""
        return replace(self, off=self.off + off, why=(*self.why, why)) if off else self


class Estimated(Struct, frozen=True):
    """An estimate; its total is the sum of its lines."""

    currency: str
    lines: tuple[EstimateLine, ...]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(line.amount for line in self.lines)


def estimate(fees: Fees, order: Order) -> Estimated:
    """The lines of an order: prices that are counted and fit; less by allowance, cap and the best exemption; then the
    minimum, then rounding.
    """
    lines = [_line(fees, code, rule, order) for code, rule, _ in fees.of(order.type) if _fits(rule, order)]
    total = sum(line.amount for line in lines)
    if 0 < total < fees.minimum:
        lines.append(EstimateLine("minimum", _MINIMUM, 1, fees.minimum - total))
    return Estimated(fees.currency, tuple(_rounded(lines, fees.rounding)))


def _fits(rule: FeeRule, order: Order) -> bool:
    when = rule.when
    return (
        rule.per is not None
        and (not when.carrier or order.carrier in when.carrier)
        and (not when.delivery or order.delivery in when.delivery)
        and (when.certified is None or when.certified == order.certified)
    )


def _count(unit: Unit | None, order: Order) -> int:
    counts = {"page": order.pages * order.copies, "copy": order.copies, "record": order.records}
    return max(counts.get(unit or "", 1), 1)


def _line(fees: Fees, code: str, rule: FeeRule, order: Order) -> EstimateLine:
    line = EstimateLine(code, rule.title, _count(rule.per, order), rule.price)
    if rule.allowance:
        free = min(rule.allowance, line.count)
        line = line.less(free * rule.price, _first(free))
    if rule.cap is not None and line.amount > rule.cap:
        line = line.less(line.amount - rule.cap, _at_most())
    if order.relation and order.relation in rule.free_for:
        return line.less(line.amount, _FREE)
    best = max(_exemptions(fees, code, order), key=lambda one: one.share, default=None)
    return line.less(_share(line.amount, best.share), best.ground) if best else line


def _share(amount: int, percent: int) -> int:
    """So many percent, upwards."""
    return -(-amount * percent // 100)


def _exemptions(fees: Fees, code: str, order: Order) -> Iterator[Exemption]:
    """Those that hold for this line: of the reader's relation, and the one that is claimed."""
    claimable = fees.claims(order.type)
    for name, one in fees.exemptions.items():
        holds = order.relation in one.relations if one.relations else name == order.exemption and name in claimable
        if holds and (not one.types or order.type in one.types) and (not one.fees or code in one.fees):
            yield one


def _rounded(lines: list[EstimateLine], rounding: Rounding) -> list[EstimateLine]:
    """Up by a line of its own; down by less of the last lines that come to something."""
    total = sum(line.amount for line in lines)
    below = total - total % rounding.to
    up = rounding.way == "up" or (rounding.way == "half" and 2 * (total - below) >= rounding.to)
    if total == below:
        return lines
    if up:
        return [*lines, EstimateLine("rounding", _ROUNDED, 1, below + rounding.to - total)]
    left, made = total - below, []
    for line in reversed(lines):
        taken = min(left, line.amount)
        made.append(line.less(taken, _ROUNDED_DOWN))
        left -= taken
    return made[::-1]


def _first(count: int) -> Title:
    return Title.of(f"The first {count:,} are free", f"前 {count} 份（页）免费", f"前 {count} 份（頁）免費")


def _at_most() -> Title:
    return Title.of("Never more than this for one request", "已达单次收费上限", "已達單次收費上限")
