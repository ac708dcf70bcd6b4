"""Inside the package imports point one way, as the layout in the README says."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "sgim"
LAYERS = (
    ("checks",),
    (
        "audio",
        "checkpoint",
        "devices",
        "downloads",
        "errata",
        "layer_mask",
        "losses",
        "metrics",
        "photos",
        "picture_files",
        "registry",
        "safe_pickle",
        "shards",
        "sound_files",
        "times",
    ),
    ("world",),
    ("models",),
    ("generators", "stylegan2_layouts"),
    (
        "bundle",
        "datasets",
        "feature_cache",
        "recordings",
        "renders",
        "seeds",
        "training_loop",
    ),
    ("alignment_data",),
    ("align", "clip_training", "manipulation", "presets", "probe", "projection", "zero_shot"),
    ("recorded_clips", "recorded_data", "recorded_training", "training"),
    ("ablation", "benchmark", "edit_benchmark", "edit_speed", "evaluate", "recognition"),
    ("plots",),
    ("demo", "demo_page", "doctor", "fetch_commands", "train_commands", "widgets"),
    ("cli",),
    ("__main__",),
)
"""From the ground up: a module imports from its own layer and the ones before it."""

WORLD_LAYERS = (
    ("lexicon", "names", "sound_blocks", "textures"),
    ("landscape", "places", "song", "strangers"),
    ("captions", "sounds", "weather"),
    ("randomize", "rewording", "scenes"),
    ("samples",),
    ("__init__",),
)
"""The same inside `sgim/world`."""


def modules():
    """Dotted name -> names it imports from `sgim`, at its top or inside a function."""
    found = {}
    for path in sorted(PACKAGE.glob("**/*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        found[name] = imported_names(path)
    del found["sgim.__init__"]
    return found


def imported_names(path):
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively: name the whole module"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name.split(".")[0] == "sgim"]


def layer_of(part, layers):
    return next((index for index, layer in enumerate(layers) if part in layer), None)


def test_every_module_has_its_layer():
    for name in modules():
        parts = name.split(".")
        assert layer_of(parts[1], LAYERS) is not None, f"give {name} a place in LAYERS"
        if parts[1] == "world":
            layer = layer_of(parts[2], WORLD_LAYERS)
            assert layer is not None, f"give {name} a place in WORLD_LAYERS"


def test_a_module_imports_only_from_its_layer_and_those_below():
    for name, imported in modules().items():
        own = layer_of(name.split(".")[1], LAYERS)
        for other in imported:
            layer = layer_of((other.split(".") + [""])[1], LAYERS)
            assert layer is not None, f"{name} imports {other}: name the module it is defined in"
            assert layer <= own, f"{name} imports {other}, which stands above it"


def test_the_world_is_layered_too():
    for name, imported in modules().items():
        parts = name.split(".")
        inside = [other.split(".") for other in imported if other.startswith("sgim.world.")]
        for other in inside if parts[1] == "world" else []:
            layer = layer_of(other[2], WORLD_LAYERS)
            assert layer is not None, f"{name} imports {other}: name the module it is defined in"
            assert layer <= layer_of(parts[2], WORLD_LAYERS), f"{name} imports {other}"


def test_no_module_imports_itself_in_a_circle():
    imports = modules()
    graph = {
        name: {_module(other, imports) for other in imported} - {None}
        for name, imported in imports.items()
    }
    for start in graph:
        seen, waiting = set(), list(graph[start])
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += graph[name]
        assert start not in seen, f"{start} imports itself in a circle"


def _module(name, imports):
    """`sgim.audio.LogMel` -> `sgim.audio`, None where there is no such module."""
    return next((one for one in (name, name.rpartition(".")[0]) if one in imports), None)
