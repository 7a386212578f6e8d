"""python -m deploy space | check | show: the hub as a Hugging Face Space, whether it is ready, and a guided tour.

space --to DIR       writes a folder that is a complete Space and looks it over
  --check            also installs it in a clean environment, starts it as a Space does and runs every demo's example
  --push OWNER/NAME  also uploads it, with the token that `hf auth login` keeps
  --hardware NAME    what it is to run on; with --push the hub is asked for it
check [--at ADDRESS] runs every demo's first example, cold and warm, at an address or on a hub of its own
show  checks the same, then opens a guided tour in the browser; at its end is a report of what was shown
  --port N          where it is served; default as in `python app.py`
  --no-browser      prints the address only
  --report-to DIR   where reports are written; default a new temporary folder
"""

import argparse
import subprocess
import sys
from pathlib import Path

import httpx
import httpx2

from deploy import preflight, show, space

# What a check or an upload may meet: a wrong token, no network, a full disk, pip that fails, a hub that ends by itself.
FAILURES = (OSError, ValueError, RuntimeError, subprocess.SubprocessError, httpx.HTTPError, httpx2.HTTPError)


def main(arguments: list[str]) -> int:
    """-> the exit status: 1 when something is not as it has to be."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    writes = verbs.add_parser("space")
    writes.add_argument("--to", type=Path, required=True)
    writes.add_argument("--hardware", choices=space.HARDWARE, help=f"default: {space.HARDWARE[0]}")
    writes.add_argument("--check", action="store_true")
    writes.add_argument("--push", metavar="OWNER/NAME")
    verbs.add_parser("check").add_argument("--at", metavar="ADDRESS")
    shows = verbs.add_parser("show")
    shows.add_argument("--port", type=int)
    shows.add_argument("--no-browser", action="store_true")
    shows.add_argument("--report-to", type=Path, metavar="DIR")
    args = parser.parse_args(arguments)
    if args.verb == "show":
        return show.show(args.port, not args.no_browser, args.report_to)
    try:
        return _space(args) if args.verb == "space" else _check(args.at)
    except FAILURES as cause:
        said = " ".join(str(cause).split()) or type(cause).__name__
        print(f"没有做成：{said}", f"This did not work: {said}", sep="\n", file=sys.stderr)
        return 1


def _space(args: argparse.Namespace) -> int:
    space.write(args.to, args.hardware or space.HARDWARE[0])
    found = space.problems(args.to)
    print(f"{args.to}: {len(space.files(args.to))} files, {len(found)} problems", *found, sep="\n")
    if found:
        return 1
    if args.check and not preflight.told(space.tried(args.to)):
        return 1
    if args.push:
        print(space.push(args.to, args.push, args.hardware))
    return 0


def _check(address: str | None) -> int:
    if address:
        return 0 if preflight.told(preflight.outcomes(address)) else 1
    with preflight.hub() as own:
        return 0 if preflight.told(preflight.outcomes(own)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
