"""Files of other people, and ours: fetched, verified, read without executing anything in them.

an address, a checkpoint, a data set on disk -> tensors by name, clips with labels -> safetensors.
The published weights and data sets of Lee et al. 2022 and 2024 are listed here with their licences.
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "esc": ["read_esc"],
        "latents": ["load_latents", "save_latents"],
        "registry": [
            "IDENTITY",
            "WEIGHTS",
            "WEIGHTS_OF_BUNDLES",
            "fetch_weights",
            "find_weights",
            "is_here",
            "weights_folder",
            "weights_for",
        ],
    },
)
