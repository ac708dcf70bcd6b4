"""An edit as it was ordered: enough to make it again, by a call or by `sgim edit --settings`.

what the controls said -> `EditOrder` -> arguments of `manipulate`, JSON, code, files
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import soundfile
import torch

from sgim.checks import require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.targets import mix_features
from sgim.notebook.studio_origin import Origin, plain, quoted

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
        return f"sound_{plain(self.name)}.wav"


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
    origin : Origin
        What is edited.
    config : ManipulateConfig
    """

    bundle_name: str
    sound: StudioSound | None
    text: str
    mix: float
    origin: Origin
    config: ManipulateConfig

    @property
    def text_weight(self) -> float:
        """Weight of the text, to 4 decimals."""
        return round(1 - self.mix, 4) if self.sound is not None else 1.0

    @property
    def reads_files(self) -> bool:
        """Whether its code needs files: for a recording, and for a photo."""
        return self.origin.reads_files or (self.sound is not None and self.sound.intensity is None)

    @property
    def is_one_pass(self) -> bool:
        """Whether it takes no steps."""
        return self.config.num_steps == 0

    @property
    def has_target(self) -> bool:
        """Whether there is something to follow."""
        return self.sound is not None or bool(self.text)

    @property
    def sound_weight(self) -> float:
        """Weight of the sound."""
        return 1 - self.text_weight if self.text else 1.0

    def target(
        self,
        embed_sound: Callable[[StudioSound], torch.Tensor],
        embed_text: Callable[[list[str]], torch.Tensor],
    ) -> torch.Tensor:
        """What the edit follows, (1, embed_dim): what `manipulate` makes of its sound and text.

        Raises
        ------
        SgimError
            When there is neither.
        """
        require(self.has_target, "there is no sound and no text to follow; choose or write one.")
        parts = []
        if self.sound is not None:
            parts.append((self.sound_weight, embed_sound(self.sound)))
        if self.text:
            parts.append((self.text_weight, embed_text([self.text])))
        return mix_features(parts)

    def in_words(self) -> str:
        """What it follows."""
        name = "" if self.sound is None else self.sound.name
        return " + ".join(filter(None, [name, self.text]))

    def settings(self, strength: float = 1.0) -> dict:
        """What `sgim edit --settings` reads; files stand beside it, see `write_inputs`."""
        return {
            "sounds": [] if self.sound is None else [self.sound.file_name],
            "text": self.text or None,
            "mix": self.text_weight if self.text and self.sound is not None else None,
            "bundle": self.bundle_name,
            **self.origin.settings(),
            "force": True,
            "strength": strength,
            "config": dataclasses.asdict(self.config),
        }

    def write_inputs(self, folder: Path, every_sound: bool = True) -> list[str]:
        """Write the sound and the photo, or its latents, to a folder; return the files' names.

        A synthesized sound is left out unless `every_sound`: code makes it anew.
        """
        names = []
        if self.sound is not None and (every_sound or self.sound.intensity is None):
            names.append(self.sound.file_name)
            samples = self.sound.waveform.cpu().numpy()
            path = folder / names[-1]
            soundfile.write(path, samples, self.sound.sample_rate, subtype="FLOAT")
        return names + self.origin.write(folder)

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
        imports, prepared, source = self.origin.code(folder)
        arguments = ["bundle", source]
        if self.sound is not None:
            arguments.append(f"sound=[({self._sound_code(folder)}, {self.sound_weight!r})]")
            if self.sound.intensity is not None:
                imports.append("from sgim.world import synthesize_sound")
        if self.text:
            arguments.append(f"text=[({quoted(self.text)}, {self.text_weight!r})]")
        arguments.append(f"config={_config_code(self.config)}")
        if stopped_after is not None:
            arguments.append(f"callback=lambda step: step.index == {stopped_after - 1}")
        if strength != 1:
            imports.append("from sgim.editing.strength import scale_edit")
        first = ["import dataclasses", ""] if prepared else []
        lines = [
            *(first + ["import sgim"] + sorted(imports)),
            "",
            f"bundle = sgim.load_bundle({quoted(self.bundle_name)})",
            *prepared,
            "result = sgim.manipulate(",
            *(f"    {argument}," for argument in arguments),
            ")",
        ]
        if strength != 1:
            lines.append(f"result = scale_edit(bundle.generator, result, {strength!r})")
        return "\n".join(lines)

    def _sound_code(self, folder: Path) -> str:
        sound = self.sound
        if sound.intensity is None:
            return quoted((folder / sound.file_name).as_posix())
        name, seconds = quoted(sound.name), SOUND_SECONDS
        return f"synthesize_sound({name}, {sound.intensity!r}, {seconds=}, seed={SOUND_SEED})"


def _config_code(config: ManipulateConfig) -> str:
    """`ManipulateConfig(...)` with what differs from its defaults."""
    changed = [
        f"{field.name}={getattr(config, field.name)!r}"
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != field.default
    ]
    return f"sgim.ManipulateConfig({', '.join(changed)})"
