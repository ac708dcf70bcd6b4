"""The command `classify`: what recordings sound like, zero-shot.

SOUND ... -> what is heard, or cosines with labels -> one line each
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
        description="Say which weather recordings sound like and how certain that is, or that it "
        "is none of them. With --labels, or a bundle of another world, say how near they are to "
        "words: cosines in [-1, 1], the best first.",
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
    from sgim.embedding.hearing import embed_names, knows_weathers, what_is_heard
    from sgim.embedding.zero_shot import label_features, rank_labels
    from sgim.media.sound_files import printable
    from sgim.world.names import SOUND_NAMES

    labels = SOUND_NAMES if arguments.labels is None else _parse_labels(arguments.labels)
    bundle = load_asked(arguments.bundle, arguments.device)
    text_features = label_features(bundle.encode_text, labels)
    names_weathers = arguments.labels is None and knows_weathers(bundle)
    name_features = embed_names(bundle) if names_weathers else None
    width = max(len(printable(file)) for file in arguments.sounds)
    code = 0
    for file in with_bar(arguments.sounds, "listening"):
        try:
            features = bundle.encode_audio(file)
        except SgimError as error:
            code = complain(error)
            continue
        scores = rank_labels(features, text_features, labels)
        heard = what_is_heard(bundle, features, name_features) if names_weathers else None
        if arguments.json:
            answer = {"file": file, "label": next(iter(scores)), "scores": _rounded(scores)}
            say(json.dumps(answer if heard is None else answer | _in_numbers(heard)))
        else:
            told = _nearest(scores) if heard is None else str(heard)
            say(f"{printable(file):<{width}}  {told}")
    return code


def _in_numbers(heard) -> dict:
    return {
        "label": heard.name,
        "probabilities": _rounded(heard.scores),
        "none": not heard.is_weather,
    }


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {label: round(score, 4) for label, score in scores.items()}


def _nearest(scores: dict[str, float]) -> str:
    return "  ".join(f"{label:<12} {score:6.3f}" for label, score in list(scores.items())[:3])


def _parse_labels(text: str) -> list[str]:
    labels = list(dict.fromkeys(label.strip() for label in text.split(",") if label.strip()))
    require(
        bool(labels), f"--labels is {text!r}; it must be words with commas between: rain,fire,wind."
    )
    return labels
