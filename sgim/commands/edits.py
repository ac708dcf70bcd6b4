"""The commands `evaluate --claim` and `evaluate --methods`: long measurements that go on.

options -> parts in build/, each kept when it ends -> one JSON file, a table on stdout
"""

import argparse
from pathlib import Path

from sgim.commands.console import announce
from sgim.commands.parser import checked_file

CLAIM, METHODS = Path("build/claim.json"), Path("build/methods.json")


def add_options(evaluate: argparse.ArgumentParser) -> None:
    """Let `evaluate` be told to test the claim, or to compare methods."""
    options = evaluate.add_argument_group("edits, instead of the mini world's numbers")
    options.add_argument(
        "--claim",
        action="store_true",
        help="does sound carry finer cues than text? by the plan of docs/claim.md; goes on where "
        "it was stopped",
    )
    options.add_argument(
        "--methods",
        action="store_true",
        help="the objectives and loops of other papers beside ours, as docs/methods.md tells; goes "
        "on as well",
    )
    options.add_argument(
        "--parts",
        type=Path,
        default=Path("build/parts"),
        metavar="DIR",
        help="where finished parts are kept (default %(default)s)",
    )


def run_claim(arguments: argparse.Namespace) -> int:
    """Carry out the plan and tell whether the claim holds."""
    out = arguments.out or CLAIM
    checked_file(out, ".json", make_folder=True)
    announce("editing by sounds and by words")
    from sgim.bundle import load_bundle
    from sgim.evaluation.claim import SEEDS, measure_claim
    from sgim.evaluation.claim_page import sides_table, verdict_sentence
    from sgim.evaluation.kept_results import save_results
    from sgim.provenance import provenance

    made = provenance("sgim evaluate --claim", SEEDS)
    results = measure_claim(load_bundle("mini"), arguments.parts / "claim", progress=True)
    save_results(results, out, made=made)
    print(sides_table(results["scores"]["sides"]), end="\n\n")
    print(verdict_sentence(results["scores"]))
    return 0


def run_methods(arguments: argparse.Namespace) -> int:
    """Compare methods under equal care."""
    out = arguments.out or METHODS
    checked_file(out, ".json", make_folder=True)
    announce("editing by the methods of several papers")
    from sgim.bundle import load_bundle, load_judge
    from sgim.evaluation.kept_results import save_results
    from sgim.evaluation.method_scores import SEEDS, measure_methods
    from sgim.evaluation.methods_page import beaten_sentence, scores_table
    from sgim.provenance import provenance

    made = provenance("sgim evaluate --methods", SEEDS)
    results = measure_methods(
        load_bundle("mini"),
        load_bundle("mini-synthetic"),
        load_judge(),
        arguments.parts / "methods",
        progress=True,
    )
    save_results(results, out, made=made)
    print(scores_table(results["methods"]), end="\n\n")
    print(beaten_sentence(results["methods"]))
    return 0
