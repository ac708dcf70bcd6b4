"""The numbers of the project: recognition, edits by true parameters, seconds beside slow ways.

a bundle, held-out scenes, sounds and recordings -> scores with their spread -> JSON and Markdown.
The paper's evaluations (Lee et al. 2024), and what a mini world with true parameters adds.
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "task_scores": ["expected_calibration_error", "interval_over", "retrieval_scores"],
        "benchmarks": ["read_benchmark"],
        "human_study": ["Trial", "draw_study"],
        "preference_analysis": ["analyze_preferences"],
        "published_numbers": ["our_rows", "read_published", "same_benchmark"],
        "sound_recognition": ["synthetic_sounds"],
        "study_answers": ["read_answers"],
    },
)
