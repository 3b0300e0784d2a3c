"""`python -m benchmarks [NAME …] [--scale 0.1]`: measure, one line of JSON for each finding."""

import argparse
import sys

from benchmarks import databases
from benchmarks.size import WorkspaceSize


def main(arguments: list[str]) -> int:
    """Start the servers, generate what is missing, measure. 0, or 1 where a name is unknown."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these (all without; --list shows them)")
    parser.add_argument("--scale", type=float, default=0.1, help="1: 10,000 people, 100,000 goals, 1,000,000 check-ins")
    parser.add_argument("--goals", type=int, help="another number of goals than the scale's")
    parser.add_argument("--rounds", type=int, default=7, help="how often the two sides take turns")
    parser.add_argument("--list", action="store_true", help="show the names")
    options = parser.parse_args(arguments)
    with databases.running():
        import django  # noqa: PLC0415 - the environment comes first

        django.setup()
        from benchmarks import run  # noqa: PLC0415 - as above

        if options.list or not set(options.names) <= set(run.names()):
            sys.stdout.write("\n".join(run.names()) + "\n")
            return 0 if options.list else 1
        run.prepare()
        size = WorkspaceSize.scaled(options.scale, goals=options.goals)
        scale = f"{size.people} people, {size.goals} goals, {size.check_ins} check-ins"
        for result in run.measured(size, options.names, rounds=options.rounds):
            sys.stdout.write(result.line(scale) + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
