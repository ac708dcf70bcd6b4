"""Check of the factor that demodulates the output of a convolution.

weights, styles -> factor of every picture and output channel
"""

import torch

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, reported


@reported("demodulation")
def check_demodulation(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_demodulation(weight, style)` -> (batch, out_channels).

    weight is (out_channels, in_channels, height, width), style (batch, in_channels).
    """
    answer = Answer(function, "my_demodulation")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for batch, in_channels, out_channels, side in ((2, 3, 5, 3), (3, 6, 4, 1), (4, 2, 7, 5)):
        weight = torch.randn(out_channels, in_channels, side, side, generator=random)
        cases.append((weight, 0.5 + 2 * torch.rand(batch, in_channels, generator=random)))

    def length(weight, style):
        own = weight * style[:, None, :, None, None]
        return own.square().sum((2, 3, 4)).sqrt()

    check_values(
        findings,
        answer,
        cases,
        lambda weight, style: 1 / length(weight, style),
        {
            "The style is not squared: it scales the weights before they are squared.": (
                lambda weight, style: 1 / length(weight, style.sqrt())
            ),
            "The weights are not squared; the length of a kernel is a root of squares.": (
                lambda weight, style: (style.square() @ weight.sum((2, 3)).T).rsqrt().nan_to_num(9)
            ),
            "The root is missing: without it the output shrinks twice.": (
                lambda weight, style: 1 / length(weight, style).square()
            ),
            "That is the length itself. The output is divided by it; the factor is one over it.": (
                length
            ),
            "The style is not used: the factor is the same for all pictures.": (
                lambda weight, style: 1 / length(weight, torch.ones_like(style))
            ),
            "The mean over the window is taken; the formula adds up.": (
                lambda weight, style: 1 / (length(weight, style) / weight[0, 0].numel() ** 0.5)
            ),
            "The mean over the input channels is taken; the formula adds up.": (
                lambda weight, style: 1 / (length(weight, style) / weight.shape[1] ** 0.5)
            ),
            "The axes are mixed up: rows are output channels. Which of the two shall run down?": (
                lambda weight, style: 1 / length(weight, style).T
            ),
            "One factor for the whole picture. Each output channel has its own.": (
                lambda weight, style: 1 / length(weight, style).square().sum(1).sqrt()
            ),
            "The sum runs over the output channels. Over which index does the formula add up?": (
                lambda weight, style: 1 / (style.square() * weight.square().sum((0, 2, 3))).sqrt()
            ),
        },
        axes="(batch, out_channels)",
        otherwise="Take the smallest example of section 2: the weights (3, 1), the style (1, 4). "
        "The factor is one over 5.",
    )
    check_input_unchanged(findings, answer)
