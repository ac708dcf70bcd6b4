"""Seconds beside those of slow ways as tables in Markdown.

what `bench_align` and `bench_edit` measured -> rows, and one paragraph on how it was measured
"""

from sgim.evaluation.alignment_speed import AlignBenchmark
from sgim.evaluation.edit_speed import EditBenchmark
from sgim.media.log_mel import LogMelConfig


def align_table(result: AlignBenchmark) -> str:
    """The table, how it was measured, and what the mini training comes to."""
    log_mel, step = result.log_mel, result.step
    return "\n".join(
        [
            "| work | slow way | our way | ratio | largest difference |",
            "|---|---|---|---|---|",
            f"| log-mels of {result.log_mel_clips} clips of 5 s | librosa, clip by clip: "
            f"{log_mel.slow} | one batch: {log_mel.fast} | {log_mel.ratio:.1f} | "
            f"{log_mel.difference:.1g} |",
            f"| training step, {result.step_clips} clips | text and pictures embedded at each "
            f"step: {step.slow} | features kept: {step.fast} | {step.ratio:.1f} | "
            f"{step.difference:.1g} |",
            f"| training step of the mini world, {result.mini_step_clips} clips of "
            f"{result.mini_seconds:g} s | | {result.mini_step} | | |",
            "",
            f"Median of {len(log_mel.slow.seconds)} (lowest–highest), the two ways in turn, each "
            f"after a call that warms up; device: {result.device}, threads: {result.threads}, "
            f"precision of the steps: {result.precision}. Differences: of the log-mel, "
            f"whose 1 is {LogMelConfig().scale_db:g} dB, and of the loss at the last step.",
            f"The mini training hears {result.mini_clips_per_second:.0f} clips per second: "
            f"{result.mini_epochs} epochs of {result.mini_clips} clips take "
            f"{result.mini_minutes:.0f} min.",
        ]
    )


def edit_table(result: EditBenchmark) -> str:
    """The table, how it was measured, and how far the trajectories are apart."""
    published = result.published
    rows = {
        "the published loop": published,
        "ours, with the published choices": result.same,
        "ours": result.ours,
        "ours, bfloat16": result.bfloat16,
    }
    lines = [
        "| way | step | times as fast | of the peak rate | peak memory |",
        "|---|---|---|---|---|",
    ]
    for name, run in rows.items():
        if run is None:
            lines.append(f"| {name} | this processor has no such arithmetic | | | |")
            continue
        share = result.flops / run.steps.median / result.flops_per_second
        lines.append(
            f"| {name} | {run.steps} | {published.steps.median / run.steps.median:.1f} | "
            f"{100 * share:.0f}% | {run.peak_bytes / 1e9:.2f} GB |"
        )
    count = len(published.steps.seconds)
    return "\n".join(
        [
            *lines,
            "",
            f"Median of {count} steps (lowest–highest) after a warm-up, each way in a process of "
            f"its own; threads: {result.threads}. A step takes {result.flops / 1e9:.0f} GFLOP "
            f"by plain sums; a large convolution runs at {result.flops_per_second / 1e9:.0f} "
            f"GFLOP/s in float32. After {count + 1} steps with the published choices, our "
            f"latents are {result.difference:.1g} from the published ones, relative to their way.",
        ]
    )
