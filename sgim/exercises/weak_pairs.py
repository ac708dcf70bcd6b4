"""Check of the weakly-paired term in the other direction: which sound fits this picture?

audio, text, image features, logit scale -> loss
"""

import torch
import torch.nn.functional as F

from sgim.exercises.answers import Answer, check_input_unchanged, check_property, check_values
from sgim.exercises.reports import Findings, reported


@reported("transposed weakly-paired term")
def check_transposed_weakly_paired(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_transposed_weakly_paired(audio_features, text_features, image_features, logit_scale)`.

    Sounds and captions are (clips, embed_dim), pictures (pictures, embed_dim); the loss is a
    scalar, the mean over the pictures.
    """
    answer = Answer(function, "my_transposed_weakly_paired")
    random = torch.Generator().manual_seed(seed)
    sizes = ((4, 7, 5, 14.29), (6, 3, 8, 5.0), (5, 8, 4, 8.0))
    cases = [_case(*size, random=random) for size in sizes]

    def asked(audio, text, images, scale, sum_over=1, divide_by=None):
        opinion = (scale * images @ text.T).log_softmax(sum_over)
        copied = (scale * images @ audio.T).log_softmax(sum_over)
        return (opinion.exp() * (opinion - copied)).sum() / (divide_by or len(images))

    def swapped(audio, text, images, scale):
        return asked(text, audio, images, scale)

    def without_entropy(audio, text, images, scale):
        opinion = (scale * images @ text.T).softmax(1)
        return -(opinion * (scale * images @ audio.T).log_softmax(1)).sum() / len(images)

    check_values(
        findings,
        answer,
        cases,
        asked,
        {
            "That is the term of section 5: each sound asks for its pictures. Here each picture "
            "asks for its sounds; over what does the softmax run then?": (
                lambda *case: asked(*case, sum_over=0, divide_by=len(case[0]))
            ),
            "The axes are mixed up: the softmax runs over the pictures, and the mean is taken over "
            "them, too.": lambda *case: asked(*case, sum_over=0),
            "P and Q have changed places: KL(Q || P) is not KL(P || Q). Whose opinion is the "
            "target, the captions' or the sounds'?": swapped,
            "The mean runs over the whole table; within the question of one picture the formula "
            "adds up.": lambda *case: asked(*case) / len(case[0]),
            "The questions of all pictures are added up; the text takes their mean.": (
                lambda *case: asked(*case) * len(case[2])
            ),
            "The sum is divided by the number of sounds. How many questions are there here?": (
                lambda *case: asked(*case, divide_by=len(case[0]))
            ),
            "The temperature is not used: logit_scale has no part in the numbers.": (
                lambda audio, text, images, scale: asked(audio, text, images, 1.0)
            ),
            "Temperature inverted: the cosines are divided by logit_scale.": (
                lambda audio, text, images, scale: asked(audio, text, images, 1 / scale)
            ),
            "The part log P is missing: sounds that agree with their captions would still pay.": (
                without_entropy
            ),
        },
        axes="a single number, ()",
        otherwise="Take the two rains and the fire of section 5. How many rows has your table of "
        "products, and does each row of its softmax sum to 1 over the sounds?",
    )
    audio, text, images, scale = cases[0]
    check_property(
        findings,
        "sounds that agree with their captions cost nothing",
        lambda: float(answer.numbers(text, text, images, scale).abs().max()) < 1e-3,
        "Sounds that are equal to their captions should cost 0, and they do not.",
    )
    check_property(
        findings,
        "the sounds learn",
        lambda: _learns(answer, audio, text, images, scale),
        "No gradient reaches the sounds. Look for detach, item, no_grad or numpy.",
    )
    check_input_unchanged(findings, answer)


def _case(
    clips: int, pictures: int, embed_dim: int, scale: float, *, random: torch.Generator
) -> tuple:
    """Sounds that lean toward their captions, and pictures of which some are twins."""
    text = F.normalize(torch.randn(clips, embed_dim, generator=random), dim=1)
    audio = F.normalize(text + 0.4 * torch.randn(clips, embed_dim, generator=random), dim=1)
    images = F.normalize(torch.randn(pictures, embed_dim, generator=random), dim=1)
    images[1] = images[0]
    return audio, text, images, scale


def _learns(answer: Answer, audio: torch.Tensor, *others: object) -> bool:
    audio = audio.clone().requires_grad_()
    loss = answer.function(audio, *others)
    if not (torch.is_tensor(loss) and loss.requires_grad):
        return False
    (gradient,) = torch.autograd.grad(loss, audio, allow_unused=True)
    return gradient is not None and bool(gradient.abs().max() > 0)
