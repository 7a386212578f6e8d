"""Which idle model to drop first. Plain bookkeeping: no clock, no threads, no torch."""

from dataclasses import dataclass


@dataclass
class _Worth:
    frequency: int
    value: float


class GreedyDualSizeFrequency:
    """Keeps what is dear to load, often used and small: value = age + frequency x cost / size.

    The age rises to the value of whatever was dropped last, so a model that was popular long ago loses its
    place. Cherkasova, "Improving WWW Proxies Performance with Greedy-Dual-Size-Frequency Caching Policy",
    1998, https://www.hpl.hp.com/techreports/98/HPL-98-69R1.html
    """

    def __init__(self) -> None:
        self._age = 0.0
        self._worth: dict[str, _Worth] = {}

    def loaded(self, name: str, cost: float, mb: int) -> None:
        """A model came in, asked for or only warmed: until it is used it is worth no more than its age."""
        self._worth[name] = _Worth(0, self._age)

    def used(self, name: str, cost: float, mb: int) -> None:
        """A run ended. cost: seconds to load it again; mb: what it holds."""
        worth = self._worth.setdefault(name, _Worth(0, self._age))
        worth.frequency += 1
        worth.value = self._age + worth.frequency * cost / max(mb, 1)

    def order(self, names: list[str]) -> list[str]:
        """The given models, worth least first."""
        return sorted(names, key=lambda name: self._worth[name].value if name in self._worth else self._age)

    def evicted(self, name: str) -> None:
        """A model was dropped for lack of room."""
        worth = self._worth.pop(name, None)
        self._age = max(self._age, worth.value) if worth else self._age


class LeastRecentlyUsed:
    """Drops what was used longest ago; the usual choice, blind to cost and size. Here to be measured beside."""

    def __init__(self) -> None:
        self._turn = 0
        self._last: dict[str, int] = {}

    def loaded(self, name: str, cost: float, mb: int) -> None:
        """A model came in."""
        self.used(name, cost, mb)

    def used(self, name: str, cost: float, mb: int) -> None:
        """A run ended."""
        self._turn += 1
        self._last[name] = self._turn

    def order(self, names: list[str]) -> list[str]:
        """The given models, used longest ago first."""
        return sorted(names, key=lambda name: self._last.get(name, 0))

    def evicted(self, name: str) -> None:
        """A model was dropped."""
        self._last.pop(name, None)
