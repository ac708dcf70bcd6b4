"""Seconds of one edit alone: the optimizer, one pass of the mapper, and one pass with some steps.

one scene, one sound -> every way in turn -> medians, and how many times as fast one pass is
"""

import dataclasses
from dataclasses import dataclass

import torch

from sgim.bundle import load_bundle
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.evaluation.edit_ways import ONE_PASS
from sgim.evaluation.timing import Times, time_in_turn
from sgim.seeds import ws_from_seeds
from sgim.world.sounds import synthesize_sound

SCENE_SEED = 500
SECONDS_OF_SOUND = 5.0
REFINING_STEPS = 5


@dataclass(frozen=True)
class OnePassBenchmark:
    """Seconds of an edit of one picture of 128 pixels, by way; `threads` of torch."""

    optimizer: Times
    one_pass: Times
    from_waveform: Times
    refined: Times
    threads: int

    @classmethod
    def from_json(cls, kept: dict) -> "OnePassBenchmark":
        """What `dataclasses.asdict` made JSON of."""
        names = ("optimizer", "one_pass", "from_waveform", "refined")
        return cls(**{n: Times.from_json(kept[n]) for n in names}, threads=kept["threads"])

    @property
    def ratio(self) -> float:
        """How many times as fast one pass is, with the sound embedded before."""
        return self.optimizer.median / self.one_pass.median


def bench_one_pass(*, repeats: int, bundle=None) -> OnePassBenchmark:
    """Edit one scene in every way in turn, `repeats` times."""
    bundle = bundle or load_bundle("mini")
    source = ws_from_seeds(bundle.generator, (SCENE_SEED,))
    sound = synthesize_sound("rain", 0.9, SECONDS_OF_SOUND, 77)
    heard = bundle.encode_audio(*sound)

    def follow(config: ManipulateConfig, **target) -> torch.Tensor:
        return manipulate(bundle, source, config=config, **target).images

    refining = dataclasses.replace(ONE_PASS, num_steps=REFINING_STEPS)
    works = (
        lambda: follow(ManipulateConfig(), target_features=heard),
        lambda: follow(ONE_PASS, target_features=heard),
        lambda: follow(ONE_PASS, sound=sound),
        lambda: follow(refining, target_features=heard),
    )
    times = [seconds for seconds, _ in time_in_turn(works, repeats)]
    return OnePassBenchmark(*times, threads=torch.get_num_threads())


def one_pass_table(result: OnePassBenchmark) -> str:
    """One row per way, and how it was measured."""
    rows = {
        "the optimizer": result.optimizer,
        "one pass": result.one_pass,
        "one pass, from the waveform": result.from_waveform,
        f"one pass and {REFINING_STEPS} steps": result.refined,
    }
    lines = ["| way | one picture | times as fast |", "|---|---|---|"]
    lines += [
        f"| {name} | {times} | {result.optimizer.median / times.median:.1f} |"
        for name, times in rows.items()
    ]
    how = (
        f"Median of {len(result.optimizer.seconds)} (lowest–highest), the ways in turn, each after "
        f"a call that warms up; 128 pixels, the sound embedded before but in the third row; "
        f"threads: {result.threads}."
    )
    return "\n".join([*lines, "", how])
