"""How strong an edit is, chosen after it was made: less of it, more of it, its opposite.

edit, strength -> w_s + strength (w - w_s) -> the same edit with other latents and pictures
"""

import dataclasses

import torch

from sgim.checks import require_in_range
from sgim.editing.manipulate_result import ManipulateResult

STRONGEST = 10.0


def with_strength(ws: torch.Tensor, source_ws: torch.Tensor, strength: float) -> torch.Tensor:
    """Latents on the straight line from a source through its edit.

    Parameters
    ----------
    ws, source_ws : torch.Tensor, (..., num_ws, w_dim)
    strength : float
        -10 to 10. 0 is the source, 1 the edit, 0.5 half way, 2 twice as far; below 0 the line goes
        the other way, to less of what was heard than the source has. The further from 1, the less
        does the generator know the place: beyond 2 or so pictures come apart.

    Returns
    -------
    torch.Tensor, (..., num_ws, w_dim)

    Raises
    ------
    SgimError
        For a strength outside that range.

    Examples
    --------
    >>> with_strength(torch.tensor([[3.0]]), torch.tensor([[1.0]]), 1.5)
    tensor([[4.]])
    """
    require_in_range("strength", strength, -STRONGEST, STRONGEST)
    return ws if strength == 1 else torch.lerp(source_ws, ws, strength)


@torch.no_grad()
def scale_edit(
    generator: torch.nn.Module, result: ManipulateResult, strength: float
) -> ManipulateResult:
    """An edit made stronger or weaker; its trajectory and history stay those of the optimization.

    Parameters
    ----------
    generator : the one that drew the edit
    result : ManipulateResult
    strength : float
        -10 to 10, see `with_strength`.
    """
    ws = with_strength(result.ws, result.source_ws, strength)
    if ws is result.ws:
        return result
    return dataclasses.replace(result, ws=ws, images=generator.synthesis(ws, noise_mode="const"))
