"""The paper's first step: an audio encoder learns to put sounds where CLIP puts words and pictures.

sounds, captions, pictures -> features of frozen towers -> four-term objective -> audio encoder
-> zero-shot scores, linear probe. Source: Lee et al. 2024 (arXiv 2208.14114), step (a).
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "alignment": ["align"],
        "hearing": ["what_is_heard"],
        "pairs": ["pair_sounds"],
        "probe": ["group_folds", "linear_probe"],
        "zero_shot": ["label_features", "rank_labels"],
    },
)
