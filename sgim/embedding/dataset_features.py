"""What recordings say and show: their labels and frames through frozen towers, computed once.

labels -> prompts, reworded -> text features · one frame per clip -> image features
both, with the log-mels of `RecordedLogMels` -> `AlignmentData`
"""

import hashlib
import random
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from sgim.checks import SgimError, require
from sgim.embedding.dataset_clips import ClipReader, RecordedLogMels
from sgim.embedding.feature_cache import cached_features
from sgim.embedding.frozen_towers import Towers
from sgim.embedding.pairs import AlignmentData
from sgim.embedding.zero_shot import FRAMES
from sgim.files.sound_clips import SoundClips
from sgim.media.log_mel import LogMel
from sgim.media.photos import as_images
from sgim.models.clip import preprocess_images
from sgim.world.rewording import augment_caption

LABEL = "{}"
CAPTIONS_PER_LABEL = 24
MIDDLING = 0.5
"""Intensity of a clip of which nobody knows how strong it is."""


def label_captions(label: str, count: int, seed: int) -> list[str]:
    """Sentences that name a label, reworded around it; the label itself stays whole.

    Examples
    --------
    >>> all("dog bark" in caption for caption in label_captions("dog bark", 8, seed=0))
    True
    """
    rng = random.Random(f"{seed} {label}")
    captions = []
    for _ in range(count):
        frame = rng.choice((LABEL, *FRAMES))
        reworded = augment_caption(frame, rng)
        captions.append((reworded if LABEL in reworded else frame).format(label))
    return captions


class LabelCaptions:
    """Text features (clips, captions, embed_dim) of clips whose captions are those of their label.

    Parameters
    ----------
    features : torch.Tensor, (labels, captions, embed_dim)
    classes : torch.Tensor, (clips,)
    """

    def __init__(self, features: torch.Tensor, classes: torch.Tensor) -> None:
        self.features, self.classes = features, classes
        self.shape = (len(classes), *features.shape[1:])

    def __getitem__(self, index: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        clips, captions = index
        return self.features[self.classes[clips], captions]


def readable_labels(towers: Towers, names: Sequence[str]) -> tuple[str, ...]:
    """Those labels of which the text tower knows a word; the others are named in a warning."""
    left_out = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            try:
                towers.tokenizer([name])
            except SgimError:
                left_out.append(name)
    if left_out:
        warnings.warn(
            f"the text tower knows no word of {', '.join(left_out)}; their clips are left out.",
            UserWarning,
            stacklevel=2,
        )
    return tuple(name for name in names if name not in left_out)


def frame_features(
    frames: Path, clips: SoundClips, towers: Towers, folder: Path, *, progress: bool = True
) -> torch.Tensor:
    """Image features (clips, embed_dim) of `<name of the clip>.jpg` in the folder `frames`.

    They are kept in `folder`, see `cached_features`. A clip without a frame that can be read has a
    row of NaN, and the damaged ones are told of in warnings.

    Raises
    ------
    SgimError
        When `frames` is no folder, or two clips would share a frame.
    """
    require(frames.is_dir(), f"{frames} is not a folder; put one <name of the clip>.jpg there.")
    keys = [path.stem for path in clips.paths]
    require(
        len(set(keys)) == len(keys),
        "some clips have the same file name, so it is unclear whose a frame is; rename them.",
    )
    files = {path.stem: path for path in frames.iterdir() if path.suffix.lower() == ".jpg"}
    paths = [files.get(key) for key in keys]
    told = [path and (path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    size = towers.clip_config.image_size

    def encode(rows: torch.Tensor) -> torch.Tensor:
        images = [_read_frame(paths[row], size) for row in rows]
        blank = torch.zeros(3, size, size)
        batch = torch.stack([blank if image is None else image for image in images])
        pixels = preprocess_images(batch.to(towers.device), towers.clip_config)
        features = towers.clip.encode_image(pixels, normalize=True)
        features[[image is None for image in images]] = torch.nan
        return features

    fingerprint = hashlib.sha256(repr(told).encode()).hexdigest()
    return cached_features(
        folder,
        "frames",
        torch.arange(len(paths)),
        encode,
        model=towers.clip,
        config=towers.settings | {"files": fingerprint},
        progress=progress,
    )


def _read_frame(path: Path | None, size: int) -> torch.Tensor | None:
    """The middle square of a picture, (3, size, size) in [-1, 1]; None where there is none."""
    if path is None:
        return None
    try:
        return as_images(path, size)[0]
    except SgimError as error:
        warnings.warn(f"a frame is passed over: {error}", UserWarning, stacklevel=2)
        return None


def recorded_data(
    clips: SoundClips,
    towers: Towers,
    log_mel: LogMel,
    *,
    seconds: float,
    frames: Path | None = None,
    folder: Path,
    seed: int = 1,
    progress: bool = True,
) -> AlignmentData:
    """Everything the loop needs of recordings.

    Nobody knows how strong a recording is, so each clip counts as middling, and the pictures of a
    label are spread evenly over all strengths: with an `image_tolerance` of 0.5 each of them is as
    likely to be drawn.

    Parameters
    ----------
    clips : SoundClips
        With labels of which the text tower knows a word.
    towers : Towers
    log_mel : LogMel
        On the device of the towers.
    seconds : float
        Length of the random stretch of a clip that is heard at a time.
    frames : Path
        See `frame_features`; clips without a frame are left out. Without it blank pictures stand
        in, which are for terms of weight 0.
    folder : Path
        Where the features of captions and frames are kept.

    Raises
    ------
    SgimError
        When `frames` is no folder or holds no frame of any clip.
    """
    if frames is not None:
        clips, images = _with_frames(clips, frames, towers, folder, progress)
    classes = torch.tensor(clips.classes)
    text_features = _caption_features(clips.names, towers, folder, seed, progress)
    if frames is None:
        images = torch.zeros_like(text_features[:, 0])
        image_classes, own_pictures = torch.arange(len(images)), classes
    else:
        image_classes, own_pictures = classes, torch.arange(len(classes))
    return AlignmentData(
        log_mels=RecordedLogMels(ClipReader(clips, log_mel.sample_rate), log_mel, seconds),
        classes=classes,
        intensities=torch.full((len(classes),), MIDDLING),
        text_features=LabelCaptions(text_features, classes),
        image_features=images,
        image_classes=image_classes,
        image_intensities=_spread(image_classes),
        own_pictures=own_pictures,
        names=clips.names,
    )


def _with_frames(
    clips: SoundClips, frames: Path, towers: Towers, folder: Path, progress: bool
) -> tuple[SoundClips, torch.Tensor]:
    """The clips that have a frame, and its features, (clips, embed_dim)."""
    images = frame_features(frames, clips, towers, folder, progress=progress)
    seen = (~images[:, 0].isnan()).nonzero()[:, 0]
    require(len(seen) > 0, f"{frames} holds no frame of any clip; name them as the clips are.")
    if len(seen) < len(images):
        warnings.warn(
            f"{len(images) - len(seen)} of {len(images)} clips have no frame in {frames}; they "
            "are left out.",
            UserWarning,
            stacklevel=3,
        )
    return clips.part(seen.tolist()), images[seen]


def _caption_features(
    names: Sequence[str], towers: Towers, folder: Path, seed: int, progress: bool
) -> torch.Tensor:
    """Text features of the captions of each label, (labels, captions, embed_dim)."""
    captions = [
        caption for name in names for caption in label_captions(name, CAPTIONS_PER_LABEL, seed)
    ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*never learned")
        tokens = towers.tokenizer(captions)
    features = cached_features(
        folder,
        "captions",
        tokens,
        lambda rows: towers.clip.encode_text(rows.to(towers.device), normalize=True),
        model=towers.clip,
        config=towers.settings,
        progress=progress,
    )
    return features.view(len(names), CAPTIONS_PER_LABEL, -1)


def _spread(classes: torch.Tensor) -> torch.Tensor:
    """Intensities in (0, 1], even over the members of each class."""
    intensities = torch.empty(len(classes))
    for label in classes.unique():
        members = classes == label
        intensities[members] = torch.arange(1, int(members.sum()) + 1) / members.sum()
    return intensities
