"""The two towers of the mini CLIP: a residual network for pictures, a transformer for words.

pixels (batch, 3, size, size) -> residual blocks -> attention pooling -> (batch, embed_dim)
token ids (batch, context_length) -> transformer blocks -> the last token -> (batch, embed_dim)

Tensors have the names and shapes of an open_clip model of the same sizes, which gives the same
features. It is not taken from there, because open_clip brings training, other towers and all of
torchvision and timm along, and an edit is made in less time than these are imported.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

EXPANSION = 4
HEAD_WIDTH = 64
TEMPERATURE = 0.07


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut; sides are halved by averages alone."""

    def __init__(self, in_channels: int, width: int, stride: int):
        super().__init__()
        out_channels = EXPANSION * width
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.pool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.downsample = None
        if stride > 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        residual = F.relu(self.bn1(self.conv1(x)), inplace=True)
        residual = F.relu(self.bn2(self.conv2(residual)), inplace=True)
        residual = self.bn3(self.conv3(self.pool(residual)))
        shortcut = x if self.downsample is None else self.downsample(self.pool(x))
        return F.relu(residual + shortcut, inplace=True)


class AttentionPool(nn.Module):
    """The mean over all places looks at every place: (batch, channels, side, side) -> features."""

    def __init__(self, side: int, channels: int, embed_dim: int):
        super().__init__()
        self.num_heads = channels // HEAD_WIDTH
        self.positional_embedding = nn.Parameter(torch.randn(side**2 + 1, channels) / channels**0.5)
        self.k_proj = nn.Linear(channels, channels)
        self.q_proj = nn.Linear(channels, channels)
        self.v_proj = nn.Linear(channels, channels)
        self.c_proj = nn.Linear(channels, embed_dim)
        for layer in (self.q_proj, self.k_proj, self.v_proj, self.c_proj):
            nn.init.normal_(layer.weight, std=channels**-0.5)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        places = maps.flatten(2).mT
        tokens = torch.cat([places.mean(1, keepdim=True), places], 1) + self.positional_embedding
        query, keys, values = (
            project(part).unflatten(2, (self.num_heads, -1)).transpose(1, 2)
            for project, part in (
                (self.q_proj, tokens[:, :1]),
                (self.k_proj, tokens),
                (self.v_proj, tokens),
            )
        )
        seen = F.scaled_dot_product_attention(query, keys, values)
        return self.c_proj(seen.flatten(1))


class ImageTower(nn.Module):
    """CLIP's anti-aliased ResNet: three convolutions, four stages, attention pooling."""

    def __init__(self, layers: tuple[int, ...], width: int, image_size: int, embed_dim: int):
        super().__init__()
        self.image_size = image_size
        self.conv1 = nn.Conv2d(3, width // 2, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width // 2)
        self.conv2 = nn.Conv2d(width // 2, width // 2, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width // 2)
        self.conv3 = nn.Conv2d(width // 2, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        channels = [width, *(EXPANSION * width * 2**stage for stage in range(4))]
        for stage, (before, after) in enumerate(pairwise(channels)):
            blocks = [Bottleneck(before, after // EXPANSION, stride=min(stage, 1) + 1)]
            blocks += [Bottleneck(after, after // EXPANSION, 1) for _ in range(1, layers[stage])]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.attnpool = AttentionPool(image_size // 32, channels[-1], embed_dim)
        for module in self.modules():
            if isinstance(module, Bottleneck):
                nn.init.zeros_(module.bn3.weight)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn1(self.conv1(pixels)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        x = F.relu(self.bn3(self.conv3(x)), inplace=True)
        x = F.avg_pool2d(x, 2)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.attnpool(x)


class TextBlock(nn.Module):
    """Attention to the words before, then a network of two layers, each beside a shortcut."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)}
        )

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        normal = self.ln_1(x)
        x = x + self.attn(normal, normal, normal, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x))))


class TextBlocks(nn.Module):
    """The blocks of the text tower, one behind the other."""

    def __init__(self, width: int, heads: int, layers: int):
        super().__init__()
        self.resblocks = nn.ModuleList(TextBlock(width, heads) for _ in range(layers))

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        for block in self.resblocks:
            x = block(x, mask)
        return x


class ClipTowers(nn.Module):
    """Both towers and the temperature, of the sizes that `sgim.models.clip.ClipConfig` names.

    `logit_scale` is the logarithm of the inverse temperature.
    """

    def __init__(
        self,
        *,
        embed_dim: int,
        image_size: int,
        image_layers: tuple[int, ...],
        image_width: int,
        vocab_size: int,
        context_length: int,
        text_width: int,
        text_heads: int,
        text_layers: int,
    ):
        super().__init__()
        self.visual = ImageTower(image_layers, image_width, image_size, embed_dim)
        self.token_embedding = nn.Embedding(vocab_size, text_width)
        self.transformer = TextBlocks(text_width, text_heads, text_layers)
        self.ln_final = nn.LayerNorm(text_width)
        self.positional_embedding = nn.Parameter(torch.empty(context_length, text_width))
        self.text_projection = nn.Parameter(torch.empty(text_width, embed_dim))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / TEMPERATURE)))
        later = torch.full((context_length, context_length), -math.inf).triu(1)
        self.register_buffer("attn_mask", later, persistent=False)
        self._draw_text_weights()

    def _draw_text_weights(self) -> None:
        """The standard deviations that Radford et al. 2021 start the text tower with."""
        blocks, width = self.transformer.resblocks, len(self.text_projection)
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        nn.init.normal_(self.positional_embedding, std=0.01)
        for block in blocks:
            nn.init.normal_(block.attn.in_proj_weight, std=width**-0.5)
            nn.init.normal_(block.attn.out_proj.weight, std=(2 * width * len(blocks)) ** -0.5)
            nn.init.normal_(block.mlp["c_fc"].weight, std=(2 * width) ** -0.5)
            nn.init.normal_(block.mlp["c_proj"].weight, std=(2 * width * len(blocks)) ** -0.5)
        nn.init.normal_(self.text_projection, std=width**-0.5)

    def forward(
        self, pixels: torch.Tensor, ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What a contrast needs: features of pictures and texts, unit norm, and their scale."""
        pictures = self.encode_image(pixels, normalize=True)
        return pictures, self.encode_text(ids, normalize=True), self.logit_scale.exp()

    def encode_image(self, pixels: torch.Tensor, normalize: bool = False) -> torch.Tensor:
        """Pixels from `preprocess_images` -> (batch, embed_dim)."""
        features = self.visual(pixels)
        return F.normalize(features, dim=-1) if normalize else features

    def encode_text(self, ids: torch.Tensor, normalize: bool = False) -> torch.Tensor:
        """Token ids (batch, context_length), the end being the highest -> (batch, embed_dim)."""
        x = self.token_embedding(ids) + self.positional_embedding
        x = self.ln_final(self.transformer(x, self.attn_mask))
        ends = torch.arange(len(ids), device=ids.device), ids.argmax(dim=-1)
        features = x[ends] @ self.text_projection
        return F.normalize(features, dim=-1) if normalize else features
