"""Checks of the second half of assignment A2: two repairs of the published code.

pictures in [-1, 1] -> pixels for CLIP; resized log-mel -> input of the audio encoder
"""

import torch

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, reported


@reported("pixels for CLIP")
def check_clip_pixels(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`clip_pixels(images, mean, std)`: (batch, 3, height, width) in [-1, 1] -> the same shape."""
    answer = Answer(function, "clip_pixels")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for shape in ((2, 3, 4, 5), (1, 3, 6, 3)):
        images = 2 * torch.rand(shape, generator=random) - 1
        mean, std = 0.3 + 0.3 * torch.rand(2, 3, generator=random)
        cases.append((images, mean, std))
    check_values(
        findings,
        answer,
        cases,
        lambda images, mean, std: ((images + 1) / 2 - _color(mean)) / _color(std),
        {
            "Normalization forgotten: the pixels are in [0, 1] now, but CLIP was trained on pixels "
            "minus its mean over its deviation.": lambda images, mean, std: (images + 1) / 2,
            "Nothing has changed: these are the pixels of the published loop.": (
                lambda images, mean, std: images
            ),
            "CLIP's mean and deviation belong to pixels in [0, 1]; these pictures are in [-1, 1]. "
            "Which step comes first?": lambda images, mean, std: (
                (images - _color(mean)) / _color(std)
            ),
            "The deviation multiplies; a number is measured in deviations by which operation?": (
                lambda images, mean, std: ((images + 1) / 2 - _color(mean)) * _color(std)
            ),
            "The mean is added. Which color shall become 0?": lambda images, mean, std: (
                ((images + 1) / 2 + _color(mean)) / _color(std)
            ),
            "Mean and deviation have changed places.": lambda images, mean, std: (
                ((images + 1) / 2 - _color(std)) / _color(mean)
            ),
            "Each picture is normalized by its own mean and deviation. CLIP's are the same for all "
            "pictures: a gray picture stays gray.": lambda images, mean, std: (
                (images - images.mean((2, 3), keepdim=True)) / images.std((2, 3), keepdim=True)
            ),
        },
        axes="(batch, 3, height, width)",
        otherwise="Follow one pixel by hand: red is 0, the mean of red is 0.5, the deviation 0.25. "
        "What is 0 in [-1, 1] when it is written in [0, 1]?",
    )
    check_input_unchanged(findings, answer)


def _color(values: torch.Tensor) -> torch.Tensor:
    return values.view(1, 3, 1, 1)


@reported("layout for the encoder")
def check_encoder_layout(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`encoder_layout(resized)`: (frames, n_mels) -> (1, 1, n_mels, frames)."""
    answer = Answer(function, "encoder_layout")
    random = torch.Generator().manual_seed(seed)
    cases = [(torch.randn(shape, generator=random),) for shape in ((12, 5), (7, 16))]
    check_values(
        findings,
        answer,
        cases,
        lambda resized: resized.T[None, None],
        {
            "The numbers were dealt out anew by reshape or view: the shape is right, but a row of "
            "the result holds pieces of several mel bands. That is the slip of the published code. "
            "Which operation exchanges two axes?": lambda resized: resized.reshape(
                1, 1, *reversed(resized.shape)
            ),
            "Time runs backward.": lambda resized: resized.flip(0).T[None, None],
            "The bands stand upside down. Row 0 stays the lowest band here.": (
                lambda resized: resized.flip(1).T[None, None]
            ),
            "The axes are mixed up: time runs down and mel to the right.": (
                lambda resized: resized[None, None]
            ),
        },
        axes="(1, 1, n_mels, frames)",
        otherwise="Try a table of 2 frames and 3 bands, with numbers you know. Where is band 2 of "
        "frame 1 in the result?",
    )
    check_input_unchanged(findings, answer)
