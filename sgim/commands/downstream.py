"""The command `evaluate --data`: downstream tasks of the joint embedding on a benchmark.

data, folder, bundles, tasks -> a Markdown table on stdout, all numbers in a JSON file
"""

import argparse
import sys
from pathlib import Path

from sgim.commands.console import announce
from sgim.commands.parser import checked_file

TASKS = "zero-shot,probe,knn,few-shot,retrieval"
BUNDLES = "mini,mini-synthetic,random,mfcc,log-mel"
OUT = "build/downstream_NAME.json"


def add_options(evaluate: argparse.ArgumentParser) -> None:
    """Let `evaluate` be told of a benchmark."""
    options = evaluate.add_argument_group("downstream tasks, instead of the mini world's numbers")
    options.add_argument(
        "--data",
        metavar="NAME",
        help="mini, mini-disturbed, esc10, esc50, urbansound8k, vggsound, recordings (a folder "
        "with a manifest.csv), or folder for one of your own, rain/shower.wav",
    )
    options.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where the clips lie (default: in data/, or where SGIM_DATA names a folder)",
    )
    options.add_argument(
        "--bundle",
        default=BUNDLES,
        metavar="NAME,...",
        help="bundles, folders of `sgim train recordings`, the baselines random, mfcc and log-mel, "
        "or encoders of others that are here, laion-clap and wav2clip (default %(default)s)",
    )
    options.add_argument(
        "--task",
        default=TASKS,
        metavar="NAME,...",
        help="default %(default)s; what cannot be asked of a bundle is left out",
    )
    options.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of draws and intervals (default 0)"
    )
    options.add_argument(
        "--cache",
        type=Path,
        default=Path("build/features"),
        metavar="DIR",
        help="where features are kept (default %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure bundles on a benchmark; `arguments.data` names it."""
    out = arguments.out or Path(OUT.replace("NAME", arguments.data.replace("-", "_")))
    checked_file(out, ".json", make_folder=True)
    announce(f"measuring {arguments.bundle} on {arguments.data}")
    from sgim.evaluation.benchmarks import read_benchmark
    from sgim.evaluation.downstream import evaluate_embedders
    from sgim.evaluation.downstream_tables import benchmark_section

    results = evaluate_embedders(
        read_benchmark(arguments.data, arguments.folder),
        _names(arguments.bundle),
        _names(arguments.task),
        out,
        command=_command(arguments),
        cache=arguments.cache,
        seed=arguments.seed,
        progress=sys.stderr.isatty(),
    )
    print(benchmark_section(results))
    return 0


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _command(arguments: argparse.Namespace) -> str:
    """What one types to measure the same again."""
    words = ["sgim evaluate --data", arguments.data]
    words += ["DIR"] if arguments.folder else []
    if arguments.bundle != BUNDLES:
        names = [Path(name).name for name in _names(arguments.bundle)]
        words += ["--bundle", ",".join(names)]
    words += ["--task", arguments.task] if arguments.task != TASKS else []
    words += ["--seed", str(arguments.seed)] if arguments.seed else []
    return " ".join([*words, "--out FILE"])
