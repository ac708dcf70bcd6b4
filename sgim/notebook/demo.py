"""The main job: some scenes, some sounds, every scene edited by every sound.

sounds -> what the encoder hears; scenes x sounds -> edits -> pictures, sheet, page, one folder.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import soundfile
import torch
from tqdm import tqdm

from sgim.bundle import Bundle, load_bundle
from sgim.checks import SgimError
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulate_result import ManipulateResult
from sgim.editing.manipulation import manipulate
from sgim.embedding.zero_shot import label_features, rank_labels
from sgim.media.picture_files import to_pictures
from sgim.media.sound_files import read_sound
from sgim.notebook.demo_folder import MANIFEST, PAGE, check_folder, files_in, replaced
from sgim.notebook.demo_page import build_page
from sgim.notebook.plots import SheetColumn, picture_sheet
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES, WEATHER_NAMES
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound

SCENE_SEEDS = (30, 3, 37, 25)
TRUNCATION_PSI = 1.0
DEMO_SOUNDS = ("rain", "thunderstorm", "fire", "waves")
NUM_STEPS = 20
GUIDE_RESOLUTION = 96
SHOWN_RESOLUTION = 256
INTENSITY = 0.85
SECONDS = 5.0
SOUND_SEED = 2
PLAYER_SECONDS = 30
SHEET_DPI = 150
NUM_HEARD = 3


@dataclass(frozen=True, kw_only=True)
class DemoSound:
    """A sound of the demo: `waveform` (num_samples,) at `sample_rate`, and a name for files."""

    title: str
    file_stem: str
    waveform: torch.Tensor
    sample_rate: int


@dataclass(frozen=True, kw_only=True)
class DemoColumn:
    """A sound, its best labels with their cosines, the edit of all scenes, and what rose most.

    `rise` is the mean change over the scenes of each weather's true intensity.
    """

    sound: DemoSound
    heard: dict[str, float]
    result: ManipulateResult
    rise: dict[str, float]


def run_demo(
    out: Path,
    own_sounds: list[str],
    complain: Callable[[Exception], int],
    *,
    names: tuple[str, ...] = DEMO_SOUNDS,
    scene_seeds: tuple[int, ...] = SCENE_SEEDS,
    config: ManipulateConfig | None = None,
) -> int:
    """Make the demo's folder; return the exit code.

    Parameters
    ----------
    out : Path
        The folder; a demo that is there already is replaced.
    own_sounds : list of str
        Recordings that join the built-in sounds.
    complain : callable
        Told about each recording that cannot be used; returns the exit code for that.
    names : tuple of str
        The built-in sounds.
    scene_seeds : tuple of int
    config : ManipulateConfig
        Settings of every edit; the defaults with `NUM_STEPS` steps when left out.

    Raises
    ------
    SgimError
        When `out` cannot take the demo.
    """
    config = config or ManipulateConfig(num_steps=NUM_STEPS)
    check_folder(out)
    own, code = _read_own_sounds(own_sounds, complain)
    if own_sounds and not own:
        return code
    bundle = load_bundle("mini")
    bundle = replace(bundle, generator=SceneGenerator(GUIDE_RESOLUTION).to(bundle.device))
    source_ws = ws_from_seeds(bundle.generator, scene_seeds, TRUNCATION_PSI)
    text_features = label_features(bundle.encode_text, SOUND_NAMES)
    sounds = [*_built_in_sounds(names), *own]
    columns = []
    with tqdm(total=len(sounds) * config.num_steps, desc="editing", unit="step") as bar:
        for sound in sounds:
            column = _edit(bundle, source_ws, sound, text_features, config, bar)
            columns.append(column)
            with bar.external_write_mode():
                print(_in_words(column), flush=True)
    with replaced(out) as folder:
        write_demo(folder, columns, scene_seeds)
    print(f"the page: {out / PAGE}")
    return code


def _read_own_sounds(
    files: list[str], complain: Callable[[Exception], int]
) -> tuple[list[DemoSound], int]:
    sounds, code = [], 0
    for file in files:
        try:
            waveform = read_sound(file)
        except SgimError as error:
            code = complain(error)
            continue
        stem = re.sub(r"[^A-Za-z0-9]+", "_", Path(file).stem).strip("_").lower()
        sounds.append(
            DemoSound(
                title=Path(file).stem,
                file_stem=f"own{len(sounds) + 1}_{stem[:40]}".rstrip("_"),
                waveform=waveform,
                sample_rate=16_000,
            )
        )
    return sounds, code


def _built_in_sounds(names: tuple[str, ...]) -> list[DemoSound]:
    sounds = []
    for name in names:
        waveform, sample_rate = synthesize_sound(name, INTENSITY, SECONDS, SOUND_SEED)
        sounds.append(
            DemoSound(title=name, file_stem=name, waveform=waveform, sample_rate=sample_rate)
        )
    return sounds


def _edit(
    bundle: Bundle,
    source_ws: torch.Tensor,
    sound: DemoSound,
    text_features: torch.Tensor,
    config: ManipulateConfig,
    bar: tqdm,
) -> DemoColumn:
    features = bundle.encode_audio(sound.waveform, sound.sample_rate)
    result = manipulate(
        bundle,
        source_ws,
        sound=(sound.waveform, sound.sample_rate),
        config=config,
        callback=lambda step: bar.update() and False,
    )
    before = bundle.generator.scene_parameters(result.source_ws)
    after = bundle.generator.scene_parameters(result.ws)
    return DemoColumn(
        sound=sound,
        heard=dict(list(rank_labels(features, text_features, SOUND_NAMES).items())[:NUM_HEARD]),
        result=_painted_larger(result),
        rise={name: (after[name] - before[name]).mean().item() for name in WEATHER_NAMES},
    )


@torch.no_grad()
def _painted_larger(result: ManipulateResult) -> ManipulateResult:
    """The same scenes in more pixels; guidance saw them small, which is quicker."""
    generator = SceneGenerator(SHOWN_RESOLUTION).to(result.ws.device)
    return replace(
        result,
        images=generator.synthesis(result.ws),
        source_images=generator.synthesis(result.source_ws),
    )


def _in_words(column: DemoColumn) -> str:
    heard = ", ".join(f"{label} {score:.2f}" for label, score in column.heard.items())
    most = max(column.rise, key=column.rise.get)
    return (
        f"{column.sound.title}: heard as {heard}; in the scenes {most} changes by "
        f"{column.rise[most]:+.2f} ({column.result.seconds:.1f} s)"
    )


def write_demo(folder: Path, columns: list[DemoColumn], scene_seeds: tuple[int, ...]) -> None:
    """Write pictures, sounds, sheet, page and manifest to an empty folder."""
    for name in ("scenes", "edits", "sounds"):
        (folder / name).mkdir()
    sources = columns[0].result.source_images
    for number, picture in enumerate(to_pictures(sources), start=1):
        picture.save(folder / "scenes" / f"scene{number}.png")
    for column in columns:
        sound = column.sound
        for number, picture in enumerate(to_pictures(column.result.images), start=1):
            picture.save(folder / "edits" / f"{sound.file_stem}_{number}.png")
        start = sound.waveform[: PLAYER_SECONDS * sound.sample_rate]
        start = start / start.abs().max().clamp(min=1.0)
        path = folder / "sounds" / f"{sound.file_stem}.wav"
        soundfile.write(path, start.numpy(), sound.sample_rate, subtype="PCM_16")
    picture_sheet(sources, [_sheet_column(column) for column in columns]).savefig(
        folder / "sheet.png", dpi=SHEET_DPI
    )
    (folder / PAGE).write_text(build_page(columns, len(sources)), encoding="utf-8")
    manifest = {
        "scene_seeds": scene_seeds,
        "sounds": [
            {"title": column.sound.title, "heard": column.heard, "rise": column.rise}
            for column in columns
        ],
        "files": sorted(files_in(folder)),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _sheet_column(column: DemoColumn) -> SheetColumn:
    title = column.sound.title
    label, score = next(iter(column.heard.items()))
    return SheetColumn(
        title=title if len(title) <= 15 else f"{title[:14]}…",
        subtitle=f"heard: {label} {score:.2f}",
        waveform=column.sound.waveform,
        sample_rate=column.sound.sample_rate,
        images=column.result.images,
    )
