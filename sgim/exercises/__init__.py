"""Checks of answers: they say what to look at next, and never the solution.

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
        "encoder_sizes": ["check_block_parameters", "check_echo", "check_num_blocks"],
        "encoders": ["check_encoder_file", "check_training_step", "check_zero_shot"],
        "failures": ["check_failure", "check_gate", "check_swings"],
        "forms": ["check_experiment", "check_report"],
        "front_end": ["check_level", "check_log_mel", "check_mel_filters", "check_power"],
        "hearing": ["check_back_and_forth", "check_num_frames", "check_to_hertz"],
        "judging": ["check_disagreements", "check_needed", "check_plan"],
        "latents": ["check_round_walk", "check_similarity", "check_style_mix", "check_truncation"],
        "loop_repair": ["check_repaired_loop"],
        "modulation": ["check_demodulation"],
        "pictures": ["draw_expected"],
        "photo_edits": ["check_clear_air", "check_gated_change"],
        "probes": ["check_few", "check_prompts"],
        "published_slips": ["check_place", "check_unheld_rows"],
        "repairs": ["check_clip_pixels", "check_encoder_layout"],
        "reports": ["points"],
        "scores": ["check_balanced_accuracy", "check_retrieval"],
        "shared_space": ["check_scale", "check_sentences", "check_shifted_scores"],
        "text_edits": ["check_leash", "check_text_loss", "check_two_wishes"],
        "weak_pairs": ["check_transposed_weakly_paired"],
    },
)
