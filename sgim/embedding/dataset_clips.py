"""Recordings of other people's data sets, read while a training listens to them.

data set -> `read_splits` -> `ClipReader`, many clips at once -> `RecordedLogMels`: random stretches
of a batch, made into log-mels on the training device; `names_right` listens to held-out clips
"""

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from accelerate.utils import gather_object

from sgim.checks import SgimError, require
from sgim.devices import this_process
from sgim.embedding.probe import group_folds
from sgim.files.datasets import data_set
from sgim.files.labelled_folder import read_labelled_folder
from sgim.files.shards import read_clip
from sgim.files.sound_clips import SoundClips
from sgim.files.vggsound import read_vggsound_splits
from sgim.media.log_mel import LogMel
from sgim.metrics import zero_shot_scores
from sgim.models.audio_encoder import AudioEncoder

OWN_FOLDER = "folder"
"""The name, among those of data sets, of a folder with one folder of sounds per label."""

HEARD_AT_ONCE = 32
NUM_FOLDS = 5


def read_splits(
    name: str, folder: Path, shards: Sequence[Path] = ()
) -> tuple[SoundClips, SoundClips]:
    """The clips to train on and the held-out ones, split as the data set's authors did.

    Parameters
    ----------
    name : str
        One of `DATA_SETS`, or "folder" for `rain/shower.wav`. VGG-Sound has a test split; of ESC
        and UrbanSound8K the last fold is held out; of a folder, every fifth file.
    folder : Path
    shards : sequence of Path
        For VGG-Sound: tar files that hold the sounds, see `read_vggsound`.

    Raises
    ------
    SgimError
        When the data set is not there or holds too little, or another one comes in shards.
    """
    if name == "vggsound":
        training, held_out = read_vggsound_splits(folder, shards)
        return training, held_out
    require(
        not shards, f"{name} is not read from shards, only vggsound is; unpack them and name none."
    )
    if name == OWN_FOLDER:
        clips = read_labelled_folder(folder)
        count = len(set(clips.groups))
        require(
            count >= NUM_FOLDS,
            f"{folder} holds {count} sounds; every fifth is held out, so there must be "
            f"{NUM_FOLDS} or more: add some.",
        )
        folds = group_folds(clips.groups, NUM_FOLDS)
    else:
        clips = data_set(name).read(folder)
        folds = clips.folds
    last = max(folds)
    require(
        min(folds) < last,
        f"all clips in {folder} are in fold {last}, so none can be held out; get the whole data "
        "set.",
    )
    places = range(len(folds))
    return (
        clips.part([place for place in places if folds[place] != last]),
        clips.part([place for place in places if folds[place] == last]),
    )


class ClipReader:
    """Reads clips by their number, several at once.

    `unheard` collects the numbers of those that are gone, damaged or silent; each is told of once,
    in a warning. `of_label` gives the numbers of the clips of each label.
    """

    def __init__(self, clips: SoundClips, sample_rate: int) -> None:
        self.clips, self.sample_rate = clips, sample_rate
        self.unheard: set[int] = set()
        self.of_label: dict[int, list[int]] = {}
        for number, label in enumerate(clips.classes):
            self.of_label.setdefault(label, []).append(number)
        self._readers = ThreadPoolExecutor(os.cpu_count())

    def read(self, numbers: Sequence[int]) -> list[torch.Tensor | None]:
        """Waveforms (num_samples,), None for clips that cannot be heard."""
        waveforms = []
        for number, heard in zip(numbers, self._readers.map(self._read, numbers), strict=True):
            if isinstance(heard, torch.Tensor):
                waveforms.append(heard)
                continue
            waveforms.append(None)
            if number not in self.unheard:
                self.unheard.add(number)
                warnings.warn(f"a clip is passed over: {heard}", UserWarning, stacklevel=2)
        return waveforms

    def silent_labels(self) -> list[str]:
        """The labels of which no clip can be heard; of each other one clip is found that can."""
        return [
            self.clips.names[label]
            for label, numbers in sorted(self.of_label.items())
            if not any(self.read([number])[0] is not None for number in numbers)
        ]

    def _read(self, number: int) -> torch.Tensor | Exception:
        try:
            return read_clip(self.clips.paths[number], self.sample_rate)
        except (SgimError, OSError) as error:
            return error


class RecordedLogMels:
    """Log-mels (clips, n_mels, n_frames) of recordings, made when rows of them are asked for.

    Each time another random stretch of a clip is heard; the draws are PyTorch's own, which the
    training loop seeds. A short clip is repeated. In place of a clip that cannot be heard stands
    the next one of its label, so its picture is then one of the same label from elsewhere.

    Parameters
    ----------
    reader : ClipReader
    log_mel : LogMel
        On the device where the log-mels are made.
    seconds : float
        Length of a stretch.

    Examples
    --------
    >>> clips = SoundClips([Path("gone.wav")], [0], [1], ["gone"], ("rain",))
    >>> RecordedLogMels(ClipReader(clips, 16_000), LogMel(), 2.0).shape
    (1, 64, 201)
    """

    def __init__(self, reader: ClipReader, log_mel: LogMel, seconds: float) -> None:
        front_end = log_mel.config
        hops = round(seconds * front_end.sample_rate / front_end.hop_length)
        require(hops > 0, f"seconds is {seconds}; it must be above 0: let one hear something.")
        self.reader, self.log_mel = reader, log_mel
        self.num_samples = hops * front_end.hop_length
        self.shape = (len(reader.clips.paths), front_end.n_mels, hops + 1)

    @torch.no_grad()
    def __getitem__(self, batch: torch.Tensor) -> torch.Tensor:
        """Clips by number, (batch,) -> log-mels (batch, n_mels, n_frames).

        Raises
        ------
        SgimError
            When no clip of a label can be heard: nobody learns it from silence.
        """
        numbers = batch.tolist()
        waveforms = [
            self._stretch(self._stand_in(number) if waveform is None else waveform)
            for number, waveform in zip(numbers, self.reader.read(numbers), strict=True)
        ]
        return self.log_mel(torch.stack(waveforms).to(self.log_mel.window.device))[:, 0]

    def _stand_in(self, number: int) -> torch.Tensor:
        label = self.reader.clips.classes[number]
        same = self.reader.of_label[label]
        place = same.index(number)
        for other in same[place + 1 :] + same[:place]:
            waveform = None if other in self.reader.unheard else self.reader.read([other])[0]
            if waveform is not None:
                return waveform
        raise SgimError(none_heard([self.reader.clips.names[label]]))

    def _stretch(self, waveform: torch.Tensor) -> torch.Tensor:
        waveform = waveform.repeat(-(-self.num_samples // len(waveform)))
        start = int(torch.randint(len(waveform) - self.num_samples + 1, ()))
        return waveform[start : start + self.num_samples]


def none_heard(labels: Sequence[str]) -> str:
    """What to say of labels of which no clip can be heard."""
    return (
        f"no clip of {', '.join(labels)} can be heard; bring good ones, or take away what is "
        "labelled so."
    )


@torch.no_grad()
def names_right(
    reader: ClipReader, log_mel: LogMel, label_features: torch.Tensor, encoder: AudioEncoder
) -> dict[str, float]:
    """Share of clips that lie nearest to what their label says; processes share the work.

    Parameters
    ----------
    reader : ClipReader
        Of held-out clips; those that cannot be heard do not count.
    log_mel : LogMel
        On the device of the encoder.
    label_features : torch.Tensor, (num_labels, embed_dim), unit norm
        In the order of the clips' `names`.
    encoder : AudioEncoder

    Returns
    -------
    dict
        "zero_shot", in [0, 1].

    Raises
    ------
    SgimError
        When none of the clips can be heard.
    """
    process, device = this_process(), log_mel.window.device
    classes, right, heard = reader.clips.classes, 0, 0
    mine = range(len(classes))[process.process_index :: process.num_processes]
    for start in range(0, len(mine), HEARD_AT_ONCE):
        numbers = mine[start : start + HEARD_AT_ONCE]
        sounds = zip(numbers, reader.read(numbers), strict=True)
        windows = {number: encoder.clips(sound) for number, sound in sounds if sound is not None}
        if not windows:
            continue
        features = encoder(log_mel(torch.cat(list(windows.values())).to(device)))
        parts = features.split([len(part) for part in windows.values()])
        means = torch.stack([part.mean(dim=0) for part in parts])
        named = zero_shot_scores(means, label_features.to(device)).argmax(dim=1).tolist()
        right += sum(name == classes[number] for name, number in zip(named, windows, strict=True))
        heard += len(windows)
    right, heard = map(sum, zip(*gather_object([(right, heard)]), strict=True))
    require(heard > 0, f"none of the {len(classes)} held-out clips can be heard; bring good ones.")
    return {"zero_shot": right / heard}
