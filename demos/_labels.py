"""Labels that a visitor gives to people of a network, written or clicked."""

from demos._network import Network
from demos._run import InvalidInput
from demos._text import lines_of

MOST_GROUPS, MOST_LABELS, MOST_LETTERS = 6, 200, 40  # groups; lines; letters of a group's name
FALLBACK = ("A", "B")  # groups that a click offers where the visitor named none
NARROW = str.maketrans("，；;：", ",,,:")


def labels_of(text: str | None, network: Network) -> tuple[list[str], dict[int, int]]:
    """ "person: group", one a line or between commas -> groups, person -> group.

    Raises InvalidInput, naming what cannot be read.
    """
    groups: list[str] = []
    labelled = {}
    for person, group in pairs_of(text):
        if not group:
            raise InvalidInput(f"“{person[:40]}”要写成“人: 组”", f'Write "{person[:40]}" as person: group')
        if person not in network.names:
            raise InvalidInput(
                f"网络里没有“{person[:40]}”", f'Nobody in the network is called "{person[:40]}"'
            )
        if group not in groups:
            groups.append(group)
        labelled[network.names.index(person)] = groups.index(group)
    return groups, labelled


def pairs_of(text: str | None) -> list[tuple[str, str]]:
    """The written persons and groups; "" for a group that is missing."""
    lines = lines_of(text, MOST_LABELS, MOST_LABELS * MOST_LETTERS)
    parts = [part for line in lines for part in line.translate(NARROW).split(",") if part.strip()]
    cut = [part.rpartition(":") for part in parts]
    return [
        (person.strip(), group.strip()[:MOST_LETTERS]) if person.strip() else (group.strip(), "")
        for person, _, group in cut
    ]


def enough(groups: list[str], labelled: dict[int, int]) -> None:
    """Raises InvalidInput unless two or more groups have someone labelled."""
    if not 2 <= len(groups) <= MOST_GROUPS or len(set(labelled.values())) < len(groups):
        raise InvalidInput(
            f"请给 2 到 {MOST_GROUPS} 个组各标至少一个人：在图上点人，再点换组",
            f"Label someone in each of 2 to {MOST_GROUPS} groups: click a person, click again to change",
        )


def next_group(person: str, text: str | None) -> str:
    """The labels after a click on a person: no group, first group, ..., last group, no group."""
    given = dict(pairs_of(text))
    groups = list(dict.fromkeys(filter(None, given.values())))
    groups += [name for name in FALLBACK if name not in groups][: max(0, 2 - len(groups))]
    before = given.pop(person, None)
    after = groups.index(before) + 1 if before in groups else 0
    if after < len(groups):
        given[person] = groups[after]
    return "\n".join(f"{one}: {group}" for one, group in given.items())
