"""The paper's second step: a copy of the source latent moves until its picture says what is heard.

source ws, sounds, texts -> target feature -> Adam under lambda_sim, lambda_ID and the layer mask
-> edited ws and pictures. Source: Lee et al. 2024 (arXiv 2208.14114) and 2022 (arXiv 2112.00007).
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "errata": ["PublishedLayerMask", "published_distance", "published_pixels"],
        "latents": ["as_ws"],
        "layer_mask": ["AdaptiveLayerMask"],
        "presets": ["PLAIN", "PRESETS"],
        "schedules": ["latent_noise_factor", "learning_rate_factor"],
        "targets": ["mix_targets"],
    },
)
