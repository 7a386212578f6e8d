"""One line of the results table."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """measured: a ratio unless unit says otherwise; at_most / at_least: the target, None where there is none."""

    what: str
    measured: float
    unit: str = "x"
    at_most: float | None = None
    at_least: float | None = None
    detail: str = ""

    @property
    def verdict(self) -> str:
        """reached, MISSED, or nothing where there is no target."""
        if self.at_most is None and self.at_least is None:
            return ""
        low = self.at_least is None or self.measured >= self.at_least
        high = self.at_most is None or self.measured <= self.at_most
        return "reached" if low and high else "MISSED"

    def line(self) -> str:
        """The row in Markdown."""
        target = f"at most {self.at_most}" if self.at_most is not None else ""
        target = f"at least {self.at_least}" if self.at_least is not None else target
        return (
            f"| {self.what} | {self.measured:.2f} {self.unit} | {target} | {self.verdict} | {self.detail} |"
        )


def median_ms(seconds: list[float]) -> float:
    """The median of some times, in milliseconds."""
    return 1000 * statistics.median(seconds)
