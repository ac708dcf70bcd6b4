"""How the learning rate and the noise on a latent change from step to step.

number of the step -> factor in [0, 1]
"""

import math


def learning_rate_factor(step: int, num_steps: int, ramp_up: float, ramp_down: float) -> float:
    """Linear rise, plateau, cosine fall: factor in (0, 1] for steps 0 ... num_steps - 1."""
    progress = (step + 1) / (num_steps + 1)
    rise = progress / ramp_up if ramp_up > 0 else 1.0
    fall = (1 - progress) / ramp_down if ramp_down > 0 else 1.0
    return min(1.0, rise) * (0.5 - 0.5 * math.cos(math.pi * min(1.0, fall)))


def latent_noise_factor(step: int, num_steps: int) -> float:
    """(1 - t / 0.75)^2 for the share t of the steps done, 0 from three quarters on."""
    return max(0.0, 1 - step / (0.75 * num_steps)) ** 2
