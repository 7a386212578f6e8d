"""A room that is lent by another process: what its methods answer becomes messages there, and answers again here."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

Message = tuple[str, Any]  # ("answer", value); or ("stream", None), and then ("item", value) each
Ask = Callable[..., Iterator[Message]]  # (name, *args, **options) of a method or a value


def spoken(net: Any, name: str, args: tuple, options: dict[str, Any]) -> Iterator[Message]:
    """Calls a method of a net, or reads a value; yields what comes. Closed early, it closes a generator of the net."""
    found = getattr(net, name)
    answer = found(*args, **options) if callable(found) else found
    if not inspect.isgenerator(answer):
        yield "answer", answer
        return
    with contextlib.closing(answer):
        yield "stream", None
        for item in answer:
            yield "item", item


def names(net: Any) -> dict[str, bool]:
    """Every public name of a net but its layers, and whether it is a method."""
    found = {name: inspect.getattr_static(net, name, None) for name in dir(net) if not name.startswith("_")}
    return {
        name: callable(member) or isinstance(member, staticmethod | classmethod)
        for name, member in found.items()
        if member is not None
    }


class Lent:
    """Stands for a room's net."""

    def __init__(self, ask: Ask, known: Callable[[], dict[str, bool]]) -> None:
        """known: what names() says of the net."""
        self._ask, self._known = ask, known

    def __getattr__(self, name: str) -> Any:
        known = {} if name.startswith("_") else self._known()
        if name not in known:
            raise AttributeError(name)
        return self._method(name) if known[name] else self._method(name)()

    def _method(self, name: str) -> Callable[..., Any]:
        def called(*args: Any, **options: Any) -> Any:
            messages = self._ask(name, *args, **options)
            kind, value = next(messages)
            if kind == "stream":
                return _items(messages)
            for _ in messages:  # to its end, when all is said of the call
                pass
            return value

        return called


def _items(messages: Iterator[Message]) -> Iterator[Any]:
    with contextlib.closing(messages):  # type: ignore[type-var]
        for _, item in messages:
            yield item
