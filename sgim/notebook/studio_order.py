"""An edit as it was ordered: enough to make it again, by a call or by `sgim edit --settings`.

what the controls said -> `EditOrder` -> arguments of `manipulate`, JSON, code, files
"""

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path

import soundfile
import torch

from sgim.editing.manipulate_config import ManipulateConfig
from sgim.files.latents import save_latents

SOUND_SECONDS = 5.0
SOUND_SEED = 3


@dataclass(frozen=True, kw_only=True)
class StudioSound:
    """A sound by name: `waveform` (num_samples,) at `sample_rate`.

    `intensity`, in [0, 1], is that of a synthesized sound and None for a recording.
    """

    name: str
    waveform: torch.Tensor
    sample_rate: int
    intensity: float | None = None

    @property
    def file_name(self) -> str:
        """A name for its file, in plain letters."""
        return f"sound_{_plain(self.name)}.wav"


@dataclass(frozen=True, kw_only=True)
class EditOrder:
    """One edit.

    Attributes
    ----------
    bundle_name : str
        Of the bundle, as `sgim.load_bundle` takes it.
    sound : StudioSound or None
    text : str
        Empty for none.
    mix : float
        Weight of the sound where there is a text as well, 0 to 1; the text has the rest.
    source_ws : torch.Tensor, (1, num_ws, w_dim)
    seed : int or None
        Number of the scene; None for the one that was found for a photo.
    photo : str or None
        Name of that photo.
    config : ManipulateConfig
    """

    bundle_name: str
    sound: StudioSound | None
    text: str
    mix: float
    source_ws: torch.Tensor
    seed: int | None
    photo: str | None
    config: ManipulateConfig

    @property
    def text_weight(self) -> float:
        """Weight of the text, to 4 decimals."""
        return round(1 - self.mix, 4) if self.sound is not None else 1.0

    @property
    def reads_files(self) -> bool:
        """Whether its code needs files: for a recording, and for the scene of a photo."""
        return self.photo is not None or (self.sound is not None and self.sound.intensity is None)

    def targets(self) -> dict[str, list]:
        """The arguments `sound` and `text` of `manipulate`."""
        targets = {}
        if self.sound is not None:
            sound = (self.sound.waveform, self.sound.sample_rate)
            targets["sound"] = [(sound, self._sound_weight)]
        if self.text:
            targets["text"] = [(self.text, self.text_weight)]
        return targets

    @property
    def _sound_weight(self) -> float:
        return 1 - self.text_weight if self.text else 1.0

    @property
    def _latents_name(self) -> str:
        return f"scene_{_plain(self.photo or '')}.npz"

    def settings(self, strength: float = 1.0) -> dict:
        """What `sgim edit --settings` reads; files stand beside it, see `write_inputs`."""
        return {
            "sounds": [] if self.sound is None else [self.sound.file_name],
            "text": self.text or None,
            "mix": self.text_weight if self.text and self.sound is not None else None,
            "bundle": self.bundle_name,
            "seeds": [] if self.seed is None else [self.seed],
            "latents": None if self.photo is None else self._latents_name,
            "strength": strength,
            "config": dataclasses.asdict(self.config),
        }

    def write_inputs(self, folder: Path, every_sound: bool = True) -> list[str]:
        """Write the sound and the photo's latents to a folder; return the names of the files.

        A synthesized sound is left out unless `every_sound`: code makes it anew.
        """
        names = []
        if self.sound is not None and (every_sound or self.sound.intensity is None):
            names.append(self.sound.file_name)
            samples = self.sound.waveform.cpu().numpy()
            path = folder / names[-1]
            soundfile.write(path, samples, self.sound.sample_rate, subtype="FLOAT")
        if self.photo is not None:
            names.append(self._latents_name)
            save_latents(folder / names[-1], [self.source_ws])
        return names

    def code(self, folder: Path, strength: float = 1.0, stopped_after: int | None = None) -> str:
        """The call of `manipulate` that makes the same picture, with all imports.

        Parameters
        ----------
        folder : Path
            Where the files of `write_inputs` are.
        strength : float
        stopped_after : int or None
            Number of steps after which the edit was stopped.
        """
        imports, sound = ["import sgim"], None
        source = self._source_code(folder)
        if self.seed is not None:
            imports.append("from sgim.seeds import ws_from_seeds")
        if self.sound is not None:
            sound = self._sound_code(folder)
            if self.sound.intensity is not None:
                imports.append("from sgim.world import synthesize_sound")
        if strength != 1:
            imports.insert(1, "from sgim.editing.strength import scale_edit")
        arguments = ["bundle", source]
        if sound is not None:
            arguments.append(f"sound=[({sound}, {self._sound_weight!r})]")
        if self.text:
            arguments.append(f"text=[({_quoted(self.text)}, {self.text_weight!r})]")
        arguments.append(f"config={_config_code(self.config)}")
        if stopped_after is not None:
            arguments.append(f"callback=lambda step: step.index == {stopped_after - 1}")
        lines = [
            *imports,
            "",
            f"bundle = sgim.load_bundle({_quoted(self.bundle_name)})",
            "result = sgim.manipulate(",
            *(f"    {argument}," for argument in arguments),
            ")",
        ]
        if strength != 1:
            lines.append(f"result = scale_edit(bundle.generator, result, {strength!r})")
        return "\n".join(lines)

    def _source_code(self, folder: Path) -> str:
        if self.seed is not None:
            return f"ws_from_seeds(bundle.generator, [{self.seed}])"
        return _quoted((folder / self._latents_name).as_posix())

    def _sound_code(self, folder: Path) -> str:
        sound = self.sound
        if sound.intensity is None:
            return _quoted((folder / sound.file_name).as_posix())
        name, seconds = _quoted(sound.name), SOUND_SECONDS
        return f"synthesize_sound({name}, {sound.intensity!r}, {seconds=}, seed={SOUND_SEED})"


def _config_code(config: ManipulateConfig) -> str:
    """`ManipulateConfig(...)` with what differs from its defaults."""
    changed = [
        f"{field.name}={getattr(config, field.name)!r}"
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != field.default
    ]
    return f"sgim.ManipulateConfig({', '.join(changed)})"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(name: str) -> str:
    """
    >>> _plain("My Kettle.wav")
    'my_kettle'
    """
    return re.sub(r"[^a-z0-9]+", "_", Path(name).stem.lower()).strip("_")[:40] or "own"
