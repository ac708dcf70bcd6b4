"""The same for lesson 12."""

import torch
import torch.nn.functional as F
from lesson_answers import solution
from mistakes_04_to_10 import in_place

from sgim.world.photo_maps import linear_from_display

WHERE = {
    "check_clear_air": ("12", "my_clear_air"),
    "check_gated_change": ("12", "my_gated"),
}
clear_air, gated = (solution(*place) for place in WHERE.values())


def cleared_on_the_screen(foggy, air, beta, fog):
    share = torch.exp(-beta * air)
    return (foggy - (1 - share) * fog[:, None, None]) / share


def through(foggy, air, beta, fog, share):
    """Arguments that make another share of the right formula; `share` takes its exponent."""
    return foggy, -share(-beta * air).log(), 1.0, fog


def drawn_nearer(ws, change, gate, threshold):
    return ws + F.softshrink(gate.sigmoid() * change, threshold)


MISTAKES = [
    ("check_clear_air", cleared_on_the_screen, "curve of the screen is forgotten"),
    ("check_clear_air", lambda *a: linear_from_display(clear_air(*a)), "still linear light"),
    ("check_clear_air", lambda *a: clear_air(*through(*a, lambda t: 1 - t.exp())), "shares of"),
    ("check_clear_air", lambda *a: clear_air(*through(*a, lambda t: -t)), "are mixed up"),
    ("check_clear_air", lambda f, air, beta, c: clear_air(f, air, 1.0, c), "beta is not used"),
    ("check_clear_air", lambda f, air, beta, c: clear_air(f, air, -beta, c), "sign is missing"),
    ("check_clear_air", lambda f, air, *a: clear_air(f, air.mean(), *a), "pixel to pixel"),
    ("check_clear_air", lambda f, air, b, c: clear_air(f, air, b, 0 * c), "own light is still"),
    ("check_clear_air", lambda foggy, *others: foggy, "foggy photo comes back"),
    ("check_clear_air", in_place(clear_air), "in place"),
    ("check_gated_change", drawn_nearer, "comes nearer to 0 by it"),
    ("check_gated_change", lambda w, c, g, t: gated(w, c.abs(), g, t), "sign of the change"),
    ("check_gated_change", lambda w, c, g, t: gated(w, c, g, 0.0), "threshold is not used"),
    ("check_gated_change", lambda w, c, g, t: gated(w, c, 0 * g + 99, t), "gate is not used"),
    ("check_gated_change", lambda w, c, g, t: gated(w, c, -g, t), "wrong way round"),
    ("check_gated_change", lambda w, c, g, t: gated(0 * w, c, g, t), "change alone"),
    ("check_gated_change", lambda w, c, g, t: gated(w, c, g.softmax(1).logit(), t), "compete"),
    ("check_gated_change", in_place(gated), "in place"),
]
