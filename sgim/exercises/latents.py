"""Checks of small functions on latents: truncation, style mixing, distance, a walk on a ball.

latents (batch, num_ws, w_dim) or unit vectors (n,) -> latents, distances, a point
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from sgim.exercises.answers import (
    Answer,
    check_input_unchanged,
    check_property,
    check_values,
    close,
)
from sgim.exercises.reports import Findings, reported
from sgim.losses import latent_similarity_loss
from sgim.world.layers import LAYER_NAMES


@reported("truncation of the late rows")
def check_truncation(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_truncate(ws, w_avg, psi, first_row)`: w_avg (num_ws, w_dim) -> the shape of ws."""
    answer = Answer(function, "my_truncate")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for shape, first_row in (((2, 5, 4), 2), ((3, 8, 3), 5), ((1, 4, 6), 0), ((2, 6, 2), 1)):
        ws, w_avg = torch.randn(shape, generator=random), torch.randn(shape[1:], generator=random)
        psi = 0.15 + 0.3 * float(torch.rand((), generator=random))
        cases.append((ws, w_avg, psi, first_row))
    cases.append((*cases[0][:2], 1.2, 3))

    def rows(ws, w_avg, psi, first_row, last_row=None):
        late = torch.zeros(ws.shape[1], 1, dtype=torch.bool)
        late[first_row:last_row] = True
        return torch.where(late, w_avg + psi * (ws - w_avg), ws)

    check_values(
        findings,
        answer,
        cases,
        rows,
        {
            "psi is reversed: with psi = 1 a latent has to stay as it is, and with psi = 0 it has "
            "to arrive at w_avg.": lambda ws, w_avg, psi, first: rows(ws, w_avg, 1 - psi, first),
            "psi is not used: the way is the same for every psi.": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg, 0.5, first)
            ),
            "first_row is not used: row 3 is written into the function.": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg, psi, 3)
            ),
            "Only the first row of w_avg is used. In W+ each row may have a mean of its own.": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg[:1], psi, first)
            ),
            "The early rows are truncated and the late ones stay. It is the other way round.": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg, psi, 0, first)
            ),
            "All rows are truncated. Which ones shall stay as they are?": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg, psi, 0)
            ),
            "The row first_row itself is left out: counting begins at 0.": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg, psi, first + 1)
            ),
            "The latent shrinks toward 0 and not toward w_avg. From where is the way measured?": (
                lambda ws, w_avg, psi, first: rows(ws, 0 * w_avg, psi, first)
            ),
            "The late rows are replaced by w_avg, whatever psi is.": (
                lambda ws, w_avg, psi, first: rows(ws, w_avg, 0.0, first)
            ),
            "Nothing has changed: the latent comes back as it was.": lambda ws, *others: ws,
        },
        axes="(batch, num_ws, w_dim)",
        otherwise="Take one row by hand: its mean is 2, its value 5. Where is it for psi = 0.7, "
        "and where for psi = 1.2?",
    )
    check_input_unchanged(findings, answer)


@reported("style mixing")
def check_style_mix(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_style_mix(ws_sound, ws_text, from_sound)`: names of rows -> the shape of the latents."""
    answer = Answer(function, "my_style_mix")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for batch, w_dim, count in ((1, 12, 2), (3, 5, 4), (2, 7, 1), (2, 3, 0)):
        latents = torch.randn(2, batch, len(LAYER_NAMES), w_dim, generator=random)
        chosen = torch.randperm(len(LAYER_NAMES), generator=random)[:count].tolist()
        cases.append((*latents, [LAYER_NAMES[row] for row in chosen]))

    def mixed(sound, text, names):
        numbers = torch.tensor([LAYER_NAMES.index(name) for name in names], dtype=torch.long)
        return text.index_copy(1, numbers, sound[:, numbers])

    check_values(
        findings,
        answer,
        cases,
        mixed,
        {
            "Sound and text have changed places: the named rows come from the text.": (
                lambda sound, text, names: mixed(text, sound, names)
            ),
            "Only the first of the named rows comes from the sound.": (
                lambda sound, text, names: mixed(sound, text, names[:1])
            ),
            "Only the last of the named rows comes from the sound. Do you begin anew with each "
            "name, or return inside of the loop?": (
                lambda sound, text, names: mixed(sound, text, names[-1:])
            ),
            "The rows fire and land are written into the function; from_sound is not used.": (
                lambda sound, text, names: mixed(sound, text, ["fire", "land"])
            ),
            "As many rows as there are names come from the sound, but the first ones. Which number "
            "has a row of this name?": lambda sound, text, names: mixed(
                sound, text, LAYER_NAMES[: len(names)]
            ),
            "The named rows are the mean of both. Here nobody has to compromise.": (
                lambda sound, text, names: mixed((sound + text) / 2, text, names)
            ),
            "All rows come from the sound.": lambda sound, text, names: sound,
            "All rows come from the text.": lambda sound, text, names: text,
        },
        axes="(batch, num_ws, w_dim)",
        otherwise="Give it a latent of ones as sound, one of zeros as text, and two names. Which "
        "rows of the result are ones?",
    )
    check_input_unchanged(findings, answer)


@reported("similarity term")
def check_similarity(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_similarity(ws_a, ws_s, g)`: g (num_ws,) -> (batch,)."""
    answer = Answer(function, "my_similarity")
    random = torch.Generator().manual_seed(seed)
    cases = [
        (*torch.randn(2, *shape, generator=random), torch.rand(shape[1], generator=random))
        for shape in ((3, 4, 5), (2, 7, 3), (1, 18, 2))
    ]
    check_values(
        findings,
        answer,
        cases,
        latent_similarity_loss,
        {
            "Mask not used: all rows are held alike. Where does g stand in the formula?": (
                lambda a, s, g: (a - s).square().sum((1, 2))
            ),
            "Length and not squared length: the root of the sum over w_dim is taken.": (
                lambda a, s, g: (g * (a - s).norm(dim=2)).sum(1)
            ),
            "The mean over w_dim is taken; the squared length of a row is a sum.": (
                lambda a, s, g: latent_similarity_loss(a, s, g) / a.shape[2]
            ),
            "The mean over the rows is taken; the formula adds them up.": (
                lambda a, s, g: latent_similarity_loss(a, s, g) / a.shape[1]
            ),
            "One number for the whole batch. Each picture has its own, (batch,).": (
                lambda a, s, g: latent_similarity_loss(a, s, g).sum()
            ),
            "One number for the whole batch, a mean. Each picture has its own, (batch,).": (
                lambda a, s, g: latent_similarity_loss(a, s, g).mean()
            ),
            "The rows are not added up yet: one number for each row is left.": (
                lambda a, s, g: g * (a - s).square().sum(2)
            ),
            "g is squared with the change: it stands before the square, not in it.": (
                lambda a, s, g: latent_similarity_loss(a, s, g * g)
            ),
            "The changes of a row are added up before they are squared. A step forward and one "
            "back would cost nothing.": lambda a, s, g: (g * (a - s).sum(2).square()).sum(1),
        },
        axes="(batch,)",
        otherwise="Take the two rows of section 2: one moved by (0.3, 0.4), the other by (2, 0), "
        "and g = (1, 0.5). What does each of them cost?",
    )
    check_property(
        findings,
        "the term pulls at the latent",
        lambda: _pulls(answer, cases[0]),
        "No gradient reaches the latent. Look for detach, item, no_grad or numpy.",
    )
    check_input_unchanged(findings, answer)


def _pulls(answer: Answer, case: Sequence[torch.Tensor]) -> bool:
    ws = case[0].clone().requires_grad_()
    term = answer.function(ws, *case[1:])
    return torch.is_tensor(term) and term.requires_grad


@reported("round walk")
def check_round_walk(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_round_walk(a, b, t)`: a, b (n,) of unit length, t from 0 to 1 -> (n,)."""
    answer = Answer(function, "my_round_walk")
    random = torch.Generator().manual_seed(seed)
    cases = [
        (*_directions(size, angle, random), 0.1 + 0.8 * float(torch.rand((), generator=random)))
        for size, angle in ((3, 0.6), (5, 1.1), (8, 2.3), (4, 2.0))
    ]

    def shares(a, b, t, theta):
        return torch.sin((1 - t) * theta) * a + torch.sin(t * theta) * b

    def round_walk(a, b, t):
        return shares(a, b, t, angle(a, b)) / angle(a, b).sin()

    def angle(a, b):
        return torch.acos((a * b).sum())

    check_values(
        findings,
        answer,
        cases,
        round_walk,
        {
            "The angle is taken for a right one. How does it follow from a and b?": (
                lambda a, b, t: shares(a, b, t, torch.tensor(torch.pi / 2))
            ),
            "A division is missing: the walk leaves the ball and cuts inside.": (
                lambda a, b, t: shares(a, b, t, angle(a, b))
            ),
            "That is the straight line, which cuts through the ball.": lambda a, b, t: a.lerp(b, t),
            "That is the straight line, pushed out to the ball. It passes the right places, but "
            "not at an even speed.": lambda a, b, t: F.normalize(a.lerp(b, t), dim=0),
            "The walk goes backward: at t = 0 it has to be at a.": (
                lambda a, b, t: round_walk(a, b, 1 - t)
            ),
            "The angle is in degrees; torch.sin takes radians.": lambda a, b, t: (
                shares(a, b, t, angle(a, b).rad2deg()) / angle(a, b).rad2deg().sin()
            ),
            "The cosine is taken for the angle. Which function leads back from it?": (
                lambda a, b, t: shares(a, b, t, (a * b).sum()) / (a * b).sum().sin()
            ),
            "t is not used: the place is the same for every share.": (
                lambda a, b, t: round_walk(a, b, 1 / 3)
            ),
        },
        axes="(n,)",
        otherwise="Walk from (1, 0) to (0.5, 0.866), which is 60 degrees away. Half of the way has "
        "to be at 30 degrees.",
    )
    a, b, _ = cases[1]
    check_property(
        findings,
        "the walk begins at a and ends at b",
        lambda: close(answer.numbers(a, b, 0.0), a) and close(answer.numbers(a, b, 1.0), b),
        "At t = 0 the walk is not at a, or at t = 1 not at b.",
    )
    check_property(
        findings,
        "the walk stays on the ball",
        lambda: all(abs(float(answer.numbers(*case).norm()) - 1) < 1e-3 for case in cases),
        "The points are not of unit length: the walk leaves the ball.",
    )
    check_input_unchanged(findings, answer)


def _directions(
    size: int, angle: float, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two vectors of unit length with an angle between them."""
    axes = torch.linalg.qr(torch.randn(size, 2, generator=random))[0].T
    turn = torch.tensor(angle)
    return axes[0].clone(), turn.cos() * axes[0] + turn.sin() * axes[1]
