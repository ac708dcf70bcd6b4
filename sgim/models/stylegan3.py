"""StyleGAN3's generators in plain PyTorch: -T, which moves with its details, and -R, which turns.

z (batch, z_dim) -> `mapping` -> ws (batch, num_ws, w_dim) -> `synthesis` -> images
(batch, 3, H, W), about [-1, 1]. Details do not stick to pixels: each layer keeps to frequencies
that its grid can show.

Constants that training multiplies its weights by are part of the weights here, as in `stylegan2`.
Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks".
"""

from sgim.models.stylegan import StyleGAN
from sgim.models.stylegan3_plan import StyleGAN3Config
from sgim.models.stylegan3_synthesis import Synthesis


class StyleGAN3(StyleGAN):
    """A generator with random weights; `sgim.load_generator` gives it those of a file.

    Examples
    --------
    >>> import torch
    >>> from sgim.models.stylegan3_plan import stylegan3_channels
    >>> channels = stylegan3_channels(32, channel_base=128, channel_max=8)
    >>> config = StyleGAN3Config(img_resolution=32, channels=channels, w_dim=16, z_dim=16)
    >>> generator = StyleGAN3(config)
    >>> ws = generator.mapping(torch.randn(2, 16), truncation_psi=0.7)
    >>> tuple(ws.shape), tuple(generator.synthesis(ws).shape)
    ((2, 16, 16), (2, 3, 32, 32))
    """

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__(config)
        self.synthesis = Synthesis(config)
