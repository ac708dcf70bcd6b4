"""The command `convert`: generators of other people become safetensors.

IN -> `sgim.models.generators` -> OUT.safetensors
"""

import argparse


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `convert` to the commands."""
    convert = commands.add_parser(
        "convert",
        help="make safetensors of StyleGAN2 and StyleGAN3 weights",
        description="Read a generator of other people, execute nothing in it, write it anew.",
    )
    convert.add_argument(
        "source", metavar="IN", help=".pt (rosinality), .pkl or .pt (NVIDIA), or .safetensors"
    )
    convert.add_argument("target", metavar="OUT.safetensors", help="what is written")
    convert.add_argument(
        "--class-names",
        metavar="A,B,C",
        help="of a generator that paints by class, in their order, for `sgim edit --class`",
    )
    convert.set_defaults(run=_convert)


def _convert(arguments: argparse.Namespace) -> int:
    from sgim.models.generators import convert_generator

    names = arguments.class_names
    if names is not None:
        names = [name.strip() for name in names.split(",")]
    generator = convert_generator(arguments.source, arguments.target, class_names=names)
    classes = f", {generator.num_classes} classes" if generator.num_classes else ""
    print(
        f"{arguments.target}: {generator.img_resolution} px, {generator.num_ws} rows of "
        f"{generator.w_dim} numbers, {sum(p.numel() for p in generator.parameters()):,} weights"
        f"{classes}"
    )
    return 0
