"""The command `convert`: generators of other people become safetensors.

IN -> `sgim.models.generators` -> OUT.safetensors
"""

import argparse


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `convert` to the commands."""
    convert = commands.add_parser("convert", help="make safetensors of StyleGAN2 weights")
    convert.add_argument("source", metavar="IN", help=".pt (rosinality) or .pkl (StyleGAN2-ADA)")
    convert.add_argument("target", metavar="OUT.safetensors")
    convert.set_defaults(run=_convert)


def _convert(arguments: argparse.Namespace) -> int:
    from sgim.models.generators import convert_generator

    generator = convert_generator(arguments.source, arguments.target)
    print(
        f"{arguments.target}: {generator.img_resolution} px, {generator.num_ws} rows of "
        f"{generator.w_dim} numbers, {sum(p.numel() for p in generator.parameters()):,} weights"
    )
    return 0
