"""Which models a command works with, and where their latents go.

--bundle, --generator, --device -> a `Bundle`
"""

import argparse
from pathlib import Path


def add_bundle_options(command: argparse.ArgumentParser, *, generator: bool = True) -> None:
    """Let a command be told the bundle, the device and, where it draws, the generator."""
    command.add_argument(
        "--bundle",
        metavar="NAME",
        help="models that fit together: mini (default), mini-synthetic, paper, paper-ffhq, "
        "paper-church, ...; `sgim fetch NAME` brings those of others",
    )
    if generator:
        command.add_argument(
            "--generator",
            metavar="FILE",
            help="in the place of the bundle's: .pt, .pkl or .safetensors of any size",
        )
        command.add_argument(
            "--class",
            dest="class_name",
            metavar="NAME",
            help="of a generator that paints by class: a number from 0, or a name if the file "
            "holds names (`sgim convert --class-names` puts them in)",
        )
    command.add_argument(
        "--device", metavar="NAME", help="cpu, cuda, cuda:1 or mps (default: the best one here)"
    )


def add_save_latents(command: argparse.ArgumentParser, whose: str) -> None:
    """Let a command be told where latents go."""
    command.add_argument(
        "--save-latents",
        type=Path,
        default=None,
        metavar="FILE.npz",
        help=f"keep the latents {whose} (pictures, rows, numbers), for `sgim edit --latents`",
    )


def load_asked(bundle: str, device: str | None, generator: str | None = None):
    """What `sgim.load_bundle` gives; small work of the command runs on one thread from here on."""
    from sgim.bundle import load_bundle
    from sgim.devices import calm_threads

    calm_threads()
    return load_bundle(bundle, device, generator=generator)


def as_class(name: str | None) -> int | str | None:
    """A class as a generator's mapping takes it: digits are a number."""
    return int(name) if name is not None and name.isdecimal() else name
