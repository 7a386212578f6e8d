"""python -m models fetch | list | train <room> | check [room]: the models' files, from a terminal.

fetch  brings the files of a room, or of all but second choices; interrupted, it goes on with the file it was at
list   every room with source, size, licence and whether it is on disk
train  trains a room (--quick: proves the path in a minute, writes nothing) and writes weights, results and card
check  measures published numbers again, on the samples in the repo (--full: on all held-out data); of all rooms
       (--all, or no name) with a table of which are ready, slow or failed; `python -m deploy check` runs the demos

What train and check need beyond running is in requirements-train.txt.
"""

import argparse
import sys
import time
from pathlib import Path

from tqdm import tqdm

import models
from models import sources
from models.errors import ModelUnavailable
from models.spec import Deb, HubFile, ModelSpec, Npm, Wheel

HERE = Path(__file__).parent
VERBS = ("fetch", "list", "train", "check")
SLOW = 15.0  # seconds that a check of the sample in the repo may take


def main(arguments: list[str]) -> int:
    """-> the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m models", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("name", nargs="?", choices=models.ROOMS, help="a room; fetch, list and check: all")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--all", action="store_true", help="check: every room that needs no hub")
    args = parser.parse_args(arguments)
    if args.all and (args.name or args.verb != "check"):
        parser.error("--all goes with check, without the name of a room")
    names: tuple[str, ...] = (args.name,) if args.name else models.ROOMS
    if args.verb == "check" and not args.name:
        names = tuple(name for name in names if models.spec(name).offline)
    if args.verb == "train" and not args.name:
        parser.error("train needs the name of a room")
    if args.verb == "list":
        print("\n".join(line(models.spec(name)) for name in names))
        return 0
    if args.verb == "fetch":
        return fetch(names)
    return _train(args.name, args.quick) if args.verb == "train" else check(names, args.full)


def fetch(names: tuple[str, ...]) -> int:
    """Brings what these rooms need, of all rooms those that are the default; -> 1 when something could not be had.

    Files of a room that is asked for by name, as a room that failed to load advises, are looked at once more.
    """
    specs = [models.spec(name) for name in names]
    wanted = [spec for spec in specs if spec.offline or len(specs) == 1]
    weights = [weight for spec in wanted for weight in spec.weights]
    if len(specs) == 1:
        missing = [weight for weight in weights if not sources.whole(weight)]
    else:
        missing = [weight for weight in weights if not sources.where(weight).exists()]
    failures = 0
    for weight in missing:
        with tqdm(
            total=100, desc=weight.name, unit="%", bar_format="{desc} {percentage:3.0f} % |{bar}|"
        ) as bar:

            def show(share: float, bar: tqdm = bar) -> None:
                bar.update(round(100 * share) - bar.n)

            try:
                sources.fetch(weight, show)
                show(1.0)
            except ModelUnavailable as cause:
                failures += 1
                print(cause, file=sys.stderr)
    print("nothing to fetch" if not missing else f"{len(missing) - failures} of {len(missing)} files fetched")
    return min(failures, 1)


def line(spec: ModelSpec) -> str:
    """A room in one line: name, memory, licence, on disk or missing, where its files come from."""
    there = all(sources.where(weight).exists() for weight in spec.weights)
    own = HERE / spec.name / "model.safetensors"
    size = sum(sources.where(weight).stat().st_size for weight in spec.weights) if there else 0
    size += own.stat().st_size if own.exists() else 0
    places = [_place(place) for weight in spec.weights for place in (*weight.parts, *weight.mirrors)]
    source = ", ".join(dict.fromkeys(places)) or f"models/{spec.name} in this repository"
    state = f"{size / 1e6:7.1f} MB on disk" if there else "       not fetched"
    return f"{spec.name:20} {state}  {spec.memory_mb:5} MB in memory  {spec.licence:12} {source}"


def _place(place: Wheel | Npm | Deb | HubFile) -> str:
    return (
        f"{place.repo}@{place.revision[:12]}"
        if isinstance(place, HubFile)
        else f"{place.package}=={place.version}"
    )


def _train(name: str, quick: bool) -> int:
    from models import train  # torch

    try:
        train.publish(name, quick)
    except (train.Refused, ModelUnavailable) as cause:
        print(cause, file=sys.stderr)
        return 1
    return 0


def check(names: tuple[str, ...], full: bool = False) -> int:
    """Measures rooms again and tells of each whether it is ready, slow or failed; -> 1 when one failed."""
    from models import train  # torch

    rows = []
    for name in names:
        started, error = time.monotonic(), ""
        try:
            train.check(name, full)
        except (train.Refused, ModelUnavailable) as cause:
            error = str(cause)
        except Exception as cause:  # noqa: BLE001 - whatever it is, the other rooms are measured all the same
            error = repr(cause)
        if error:
            print(error, file=sys.stderr)
        seconds = time.monotonic() - started
        verdict = "failed" if error else "slow" if seconds > SLOW and not full else "ready"
        rows.append((verdict, f"{verdict:7} {name:20} {seconds:6.2f} s  {' '.join(error.split())}"))
    verdicts = [verdict for verdict, _ in rows]
    if len(rows) > 1:
        print(*(row.rstrip() for _, row in rows), sep="\n")
        print(", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("ready", "slow", "failed")))
    return int("failed" in verdicts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
