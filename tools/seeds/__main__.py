"""Run the quick training of each section with several seeds, and store all their curves.

    python -m tools.seeds [NAME ...]          run those whose cells changed since, or all
    python -m tools.seeds --seeds 8 NAME      another number of seeds than five
    python -m tools.seeds --jobs 8            so many kernels at a time, one thread each
    python -m tools.seeds --again NAME        run it, whatever is stored
    python -m tools.seeds --stale             say which ones are to be run

A NAME is a notebook's file name without its ending; without names, all that record a training
are taken. Only the cells that the recorded training needs are run, at the quick settings, with
the notebook's own seeds (0) and with others (1, 2, ...), as in the matrix's rows of seeds. What
came out is written to notebooks/records/seeds/NAME.json, for `helpers.seed_records()`.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.notebooks import named, require_images
from tools.seeds import runs

SEEDS = 5


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="how many")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="kernels at a time")
    parser.add_argument("--again", action="store_true", help="also what is stored already")
    parser.add_argument("--stale", action="store_true", help="say what is to be run, run nothing")
    arguments = parser.parse_args()
    if arguments.seeds < 2 or arguments.jobs < 1:
        parser.error("a spread takes two seeds, and work one kernel")
    try:
        paths = named(arguments.names)
    except ValueError as error:
        parser.error(str(error))
    paths = [path for path in paths if runs.records_a_training(path)]
    if not arguments.again:
        paths = [path for path in paths if runs.is_stale(path)]
    if arguments.stale:
        print("\n".join(path.stem for path in paths) or "all are those of the present cells")
        return
    require_images()
    run_all(paths, range(arguments.seeds), arguments.jobs)


def run_all(paths: list[Path], seeds: range, jobs: int) -> None:
    """Run every notebook with every seed, and store each notebook's when all its runs are done."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {path: [pool.submit(runs.run, path, seed) for seed in seeds] for path in paths}
        for path, running in futures.items():
            done = []
            for seed, future in zip(seeds, running):
                done.append(future.result())
                final, seconds = done[-1]["final"], sum(done[-1]["network"]["seconds"])
                shown = f"val_acc {final['val_acc']:.3f}, {seconds:.0f} s"
                print(f"{path.stem}, seed {seed}: {shown}", file=sys.stderr, flush=True)
            print(path.stem, "stored" if runs.store(path, list(seeds), done) else "unchanged")


if __name__ == "__main__":
    main()
