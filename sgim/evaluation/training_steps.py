"""Training steps of the alignment to be timed, on data that are made up.

a CLIP or the mini recipe -> steps with kept features and with fresh ones -> seconds, losses
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from open_clip.model import CLIP

from sgim.embedding.alignment import AlignmentObjective, ScaledEncoder
from sgim.embedding.alignment_terms import AlignConfig
from sgim.embedding.feature_cache import cached_features
from sgim.embedding.mini_stages import MiniTrainingConfig
from sgim.embedding.pairs import CAPTIONS_PER_CLIP, AlignmentData
from sgim.embedding.training_loop import start_processes
from sgim.evaluation.timing import Comparison, Times, compare, time_in_turn
from sgim.media.log_mel import LogMelConfig
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.world.names import SOUND_NAMES

NUM_PICTURES = 4 * len(SOUND_NAMES)


def compare_steps(clip: CLIP, batch_size: int, repeats: int, device: torch.device) -> Comparison:
    """A training step with kept features beside one that embeds text and pictures every time."""
    size = clip.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randn(NUM_PICTURES, 3, height, width, generator=generator)
    captions = torch.randint(
        clip.token_embedding.num_embeddings,
        (batch_size, CAPTIONS_PER_CLIP, len(clip.positional_embedding)),
        generator=generator,
    )

    def encode_text(tokens: torch.Tensor) -> torch.Tensor:
        return clip.encode_text(tokens.to(device), normalize=True)

    def encode_image(pixels: torch.Tensor) -> torch.Tensor:
        return clip.encode_image(pixels.to(device), normalize=True)

    with tempfile.TemporaryDirectory() as folder:
        kept_texts, kept_images = (
            cached_features(
                Path(folder), name, items, encode,
                model=clip, config={}, batch_size=batch_size, progress=False,
            )
            for name, items, encode in (
                ("captions", captions.flatten(0, 1), encode_text),
                ("pictures", pictures, encode_image),
            )
        )  # fmt: skip
        kept = kept_texts.view(batch_size, CAPTIONS_PER_CLIP, -1), kept_images
        fresh = (
            EmbeddedAtEachLook(captions, encode_text),
            EmbeddedAtEachLook(pictures, encode_image),
        )
        config = AlignConfig(batch_size=batch_size, view_seconds=3.0)
        encoder_config = AudioEncoderConfig(embed_dim=kept_images.shape[1])
        slow, fast = (
            TrainingStep(made_up_data(batch_size, *features), config, encoder_config, device)
            for features in (fresh, kept)
        )
        return compare(slow, fast, repeats)


def time_mini_step(mini: MiniTrainingConfig, repeats: int, device: torch.device) -> Times:
    """A training step of the mini world's audio encoder, its features kept."""
    config, encoder_config = mini.align, mini.encoder
    texts, images = (
        F.normalize(torch.randn(*shape, encoder_config.embed_dim), dim=-1)
        for shape in ((config.batch_size, CAPTIONS_PER_CLIP), (NUM_PICTURES,))
    )
    data = made_up_data(config.batch_size, texts, images)
    ((times, _),) = time_in_turn((TrainingStep(data, config, encoder_config, device),), repeats)
    return times


def made_up_data(count: int, text_features, image_features) -> AlignmentData:
    """Noise of 5 s for each of `count` clips, and the features of captions and pictures."""
    generator = torch.Generator().manual_seed(0)
    front_end = LogMelConfig()
    num_frames = 5 * front_end.sample_rate // front_end.hop_length + 1
    return AlignmentData(
        log_mels=torch.randn(count, front_end.n_mels, num_frames, generator=generator).half(),
        classes=torch.arange(count) % len(SOUND_NAMES),
        intensities=torch.rand(count, generator=generator),
        text_features=text_features,
        image_features=image_features,
        image_classes=torch.arange(NUM_PICTURES) % len(SOUND_NAMES),
        image_intensities=torch.rand(NUM_PICTURES, generator=generator),
    )


class EmbeddedAtEachLook:
    """Stands where kept features would, and embeds the rows that one asks for."""

    def __init__(self, items: torch.Tensor, encode: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.items, self.encode, self.shape = items, encode, items.shape

    @torch.no_grad()
    def __getitem__(self, index) -> torch.Tensor:
        return self.encode(self.items[index])


class TrainingStep:
    """One step over all clips of some data; called again, it goes on from there."""

    def __init__(
        self,
        data: AlignmentData,
        config: AlignConfig,
        encoder_config: AudioEncoderConfig,
        device: torch.device,
    ) -> None:
        torch.manual_seed(config.seed)
        self.accelerator = start_processes()
        encoder = ScaledEncoder(AudioEncoder(encoder_config), config).train()
        encoder = encoder.to(device, memory_format=torch.channels_last)
        optimizer = torch.optim.AdamW(encoder.parameters(), config.learning_rate)
        self.encoder, self.optimizer = self.accelerator.prepare(
            encoder, optimizer, device_placement=[False, False]
        )
        self.objective = AlignmentObjective(data, config, encoder_config)
        self.batch = torch.arange(len(data.classes))

    def __call__(self) -> torch.Tensor:
        """Return the loss, (); the draws are the same at each call."""
        torch.manual_seed(0)
        generator = torch.Generator().manual_seed(0)
        loss = self.objective(self.encoder, self.batch, generator)["loss"]
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.encoder.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.detach().cpu()
