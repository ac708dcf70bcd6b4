"""Checks of answers to assignments: they say what to look at next, and never the solution.

a student's function -> random cases -> `Report`: properties that hold, advice for the others.
And the handouts: master notebooks -> copies for students, solutions, a course for nbgrader.
"""

from sgim.lazy_names import lazy_names

# Public names are imported when they are first used: a check of a loss needs no painter.
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "choices": ["check_choices", "check_suspects"],
        "contrast": ["check_info_nce", "check_perfect_loss"],
        "edit_terms": ["check_edit_loss", "check_mask_update"],
        "edits": ["check_edit"],
        "front_end": ["check_level", "check_log_mel", "check_mel_filters", "check_power"],
        "repairs": ["check_clip_pixels", "check_encoder_layout"],
        "reports": ["points"],
    },
)
