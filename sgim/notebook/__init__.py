"""All that a notebook or the demo's page shows.

log-mels, pictures, histories, scores -> figures in one style, panels with sliders, one HTML page.
A notebook sets itself up by `%reload_ext sgim.notebook`.
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used: a page needs no panel.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "ablation_figure": ["plot_ablation"],
        "alt_text": ["in_words", "picture_html"],
        "cosine_table": ["CosineTable"],
        "downstream_figure": ["plot_benchmark", "plot_published"],
        "edits_figure": ["plot_claim", "plot_methods"],
        "embedding_map": ["EmbeddingMap"],
        "growing_curves": ["live_curves"],
        "layer_mixer": ["LayerMixer", "mix_rows"],
        "lessons": [
            "find_data",
            "load_ipython_extension",
            "own_recordings",
            "read_data",
            "use_style",
        ],
        "plots": ["PALETTE", "plot_confusion", "plot_history", "plot_log_mel", "show_images"],
        "preference_figure": ["plot_preferences"],
        "progress_line": ["progress", "show_steps"],
        "prompt_playground": ["PromptPlayground", "try_prompt"],
        "quiz": ["Quiz"],
        "recorder": ["MicrophoneRecorder"],
        "spectrogram_explorer": ["SpectrogramExplorer"],
        "strength_slider": ["StrengthSlider"],
        "studio": ["Studio"],
        "study_page": ["write_study_page"],
        "study_panel": ["StudyPanel"],
        "wipe": ["EditWipe", "wipe_images"],
    },
)
