"""python -m models fetch | train | check | list [name]"""

import argparse

from models import train

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m models")
    parser.add_argument("verb")
    parser.add_argument("name")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    train.publish(args.name, args.quick)
