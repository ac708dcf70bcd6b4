"""The terms of both steps, as pure functions: features in, one differentiable scalar out.

Step (a), the joint embedding: `info_nce_loss` (audio-text, audio-image, audio-audio) and
`weakly_paired_loss`. Step (b), latent optimization: `cosine_distance`, `latent_similarity_loss`,
`identity_loss`. Features are (batch, embed_dim) with unit norm.

Source: Lee et al., Robust Sound-Guided Image Manipulation, Neural Networks 175, 2024 (arXiv
2208.14114), and its predecessor arXiv 2112.00007.
"""

import torch
import torch.nn.functional as F

from sgim.checks import require


def _check_pairs(first: torch.Tensor, second: torch.Tensor) -> None:
    require(
        first.ndim == 2 and first.shape == second.shape,
        f"features have shapes {tuple(first.shape)} and {tuple(second.shape)}; both must be the "
        "same (batch, embed_dim): encode the same number of items with the same model.",
    )


def info_nce_loss(
    features: torch.Tensor, target_features: torch.Tensor, logit_scale: torch.Tensor | float
) -> torch.Tensor:
    """Symmetric InfoNCE: row i of one side belongs to row i of the other.

    Parameters
    ----------
    features, target_features : torch.Tensor, (batch, embed_dim), unit norm
    logit_scale : float or scalar tensor
        Inverse temperature; CLIP starts at 1 / 0.07.

    Returns
    -------
    torch.Tensor, scalar
        ln(batch) when all similarities are equal, near 0 when every pair is recognized.

    Raises
    ------
    SgimError
        When the two shapes differ.

    Examples
    --------
    >>> uniform = torch.ones(4, 1)
    >>> round(info_nce_loss(uniform, uniform, 1.0).item(), 4)  # ln 4
    1.3863
    """
    _check_pairs(features, target_features)
    logits = logit_scale * features @ target_features.T
    pairs = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, pairs) + F.cross_entropy(logits.T, pairs)) / 2


def weakly_paired_loss(
    audio_features: torch.Tensor,
    text_features: torch.Tensor,
    image_features: torch.Tensor,
    logit_scale: torch.Tensor | float,
) -> torch.Tensor:
    """KL(P || Q): a sound looks at the images of the minibatch as its own text does.

    `P_i(j) = softmax_j(logit_scale t_i . v_j)` is CLIP's opinion, which takes the place of the
    identity matrix; `Q_i(j) = softmax_j(logit_scale a_i . v_j)` is the sound's. The images are
    drawn by text label from other clips, so accidents of the one video that a sound was recorded
    with carry no weight.

    Parameters
    ----------
    audio_features, text_features, image_features : torch.Tensor, (batch, embed_dim), unit norm
    logit_scale : float or scalar tensor

    Returns
    -------
    torch.Tensor, scalar >= 0
        0 when sound and text rank the images alike. `P` carries no gradient.

    Raises
    ------
    SgimError
        When the shapes differ.
    """
    _check_pairs(audio_features, text_features)
    _check_pairs(audio_features, image_features)
    target = F.log_softmax(logit_scale * text_features @ image_features.T, dim=1).detach()
    predicted = F.log_softmax(logit_scale * audio_features @ image_features.T, dim=1)
    return F.kl_div(predicted, target, reduction="batchmean", log_target=True)


def cosine_distance(features: torch.Tensor, target_features: torch.Tensor) -> torch.Tensor:
    """`d_cos = 1 - <f, t>` per row, (batch,), in [0, 2]; one target row serves all rows."""
    return 1 - F.cosine_similarity(features, target_features, dim=-1)


def latent_similarity_loss(
    ws: torch.Tensor, source_ws: torch.Tensor, layer_weights: torch.Tensor
) -> torch.Tensor:
    """`sum_l g_l ||w_a[l] - w_s[l]||^2` per item, (batch,).

    Parameters
    ----------
    ws, source_ws : torch.Tensor, (batch, num_ws, w_dim)
    layer_weights : torch.Tensor, (num_ws,) or (batch, num_ws), in [0, 1]
        The adaptive layer mask g.
    """
    return (layer_weights * (ws - source_ws).square().sum(dim=2)).sum(dim=1)


def identity_loss(features: torch.Tensor, source_features: torch.Tensor) -> torch.Tensor:
    """`1 - <R(G(w_s)), R(G(w_a))>` per item, (batch,), for a recognition network R."""
    return cosine_distance(features, source_features)
