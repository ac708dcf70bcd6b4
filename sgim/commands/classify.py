"""The command `classify`: what recordings sound like, zero-shot.

SOUND ... -> cosines with labels -> one line each
"""

import argparse
import json

from sgim.checks import SgimError, require
from sgim.commands.bundles import add_bundle_options, load_asked
from sgim.commands.console import announce, complain, say, with_bar


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `classify` to the commands."""
    classify = commands.add_parser(
        "classify",
        help="say what a recording sounds like, zero-shot",
        description="Say how near recordings are to words: cosines in [-1, 1], the best first.",
    )
    classify.add_argument(
        "sounds", nargs="+", metavar="SOUND", help="wav, flac, ogg or mp3, 0.1 s to 10 min"
    )
    classify.add_argument(
        "--labels", metavar="A,B,C", help="words to choose from (default: the mini world's sounds)"
    )
    add_bundle_options(classify, generator=False)
    classify.add_argument("--json", action="store_true", help="one JSON object per file and line")
    classify.set_defaults(run=_classify, bundle="mini")


def _classify(arguments: argparse.Namespace) -> int:
    announce("loading the models", on_terminal_only=True)
    from sgim.embedding.zero_shot import label_features, rank_labels
    from sgim.media.sound_files import printable
    from sgim.world.names import SOUND_NAMES

    labels = SOUND_NAMES if arguments.labels is None else _parse_labels(arguments.labels)
    bundle = load_asked(arguments.bundle, arguments.device)
    text_features = label_features(bundle.encode_text, labels)
    width = max(len(printable(file)) for file in arguments.sounds)
    code = 0
    for file in with_bar(arguments.sounds, "listening"):
        try:
            scores = rank_labels(bundle.encode_audio(file), text_features, labels)
        except SgimError as error:
            code = complain(error)
            continue
        if arguments.json:
            rounded = {label: round(score, 4) for label, score in scores.items()}
            say(json.dumps({"file": file, "label": next(iter(scores)), "scores": rounded}))
        else:
            best = "  ".join(
                f"{label:<12} {score:6.3f}" for label, score in list(scores.items())[:3]
            )
            say(f"{printable(file):<{width}}  {best}")
    return code


def _parse_labels(text: str) -> list[str]:
    labels = list(dict.fromkeys(label.strip() for label in text.split(",") if label.strip()))
    require(
        bool(labels), f"--labels is {text!r}; it must be words with commas between: rain,fire,wind."
    )
    return labels
