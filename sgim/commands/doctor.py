"""Checks an installation and says what to do about what is missing.

needs -> one finding each -> [OK], [SLOW] or [FAIL] with a remedy; [SKIP] for the rest
Nothing but Python is imported before its own check, so a broken installation still gets its answer.
"""

import hashlib
import itertools
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from sgim.commands.findings import Finding
from sgim.commands.notebook_places import check_notebook_places
from sgim.commands.packages import REINSTALL, check_installation, check_packages
from sgim.machine import load, usable_cores

LEAST_PYTHON = (3, 10)
LEAST_FREE_MEGABYTES = 500
WEIGHTS = ("mini_clip", "mini_audio", "mini_audio_synthetic", "mini_prior", "mini_judge")
WEIGHTS_FOLDER = Path(__file__).parents[1] / "weights"
NOTEBOOK_PACKAGES = ("ipykernel", "jupyterlab")
SLOW_SECONDS, TOO_SLOW_SECONDS = 1.0, 10.0
"""Of one edit step, which takes a quarter of a second on one core of a server."""

TRIED_STEPS = 3


def run_doctor() -> int:
    """Print all findings; return 1 if any need is not met, else 0."""
    states = []
    for finding in examine():
        print(finding, flush=True)
        states.append(finding.state)
    failed = states.count("FAIL")
    slowly = ", but slowly" if "SLOW" in states else ""
    print(
        f"{failed} of the needs are not met: begin with the first."
        if failed
        else f"All needs are met{slowly}."
    )
    return int(failed > 0)


def examine() -> Iterator[Finding]:
    """Yield all findings in the order in which one would repair them."""
    yield check_python()
    yield check_installation()
    yield from check_packages()
    yield from check_notebook_packages()
    yield from check_notebook_places()
    yield check_mp3()
    yield check_device()
    for name in WEIGHTS:
        yield check_weights(name)
    yield check_disk(Path.cwd())
    yield check_cache()
    yield check_edit()


def check_python() -> Finding:
    """Python is new enough."""
    version = platform.python_version()
    if sys.version_info >= LEAST_PYTHON:
        return Finding("OK", "python", version)
    least = ".".join(map(str, LEAST_PYTHON))
    return Finding("FAIL", "python", version, f"install Python {least} or newer")


def check_notebook_packages() -> Iterator[Finding]:
    """What only the notebooks want is there or is said to be missing."""
    for name in NOTEBOOK_PACKAGES:
        try:
            yield Finding("OK", name, f"{metadata.version(name)} (for the notebooks)")
        except metadata.PackageNotFoundError:
            yield Finding("SKIP", name, f"not installed; `pip install {name}` for the notebooks")


def check_mp3() -> Finding:
    """The sound library can decode mp3, which old ones cannot."""
    try:
        import soundfile
    except ModuleNotFoundError as error:
        return _waits_for(error, "sound files")
    except (ImportError, OSError) as error:
        return Finding("FAIL", "sound files", f"soundfile does not import ({error})", REINSTALL)
    library = f"libsndfile {soundfile.__libsndfile_version__}"
    if "MP3" in soundfile.available_formats():
        return Finding("OK", "sound files", f"{library}: wav, flac, ogg, mp3")
    remedy = "run `pip install --upgrade soundfile`, or convert mp3 files to wav"
    return Finding("FAIL", "sound files", f"{library} cannot read mp3", remedy)


def check_device() -> Finding:
    """Say where tensors will be computed; the processor alone is enough."""
    try:
        from sgim.devices import pick_device

        device = pick_device()
    except ModuleNotFoundError as error:
        return _waits_for(error, "device")
    except (ImportError, OSError, RuntimeError) as error:
        return Finding("FAIL", "device", f"torch cannot start ({error})", REINSTALL)
    return Finding("OK", "device", f"{device.type}, {os.cpu_count()} processor cores")


def check_weights(name: str) -> Finding:
    """Weights `name` are there and whole, by the checksum on their card."""
    path = WEIGHTS_FOLDER / f"{name}.safetensors"
    card = path.with_suffix(".json")
    for file in (path, card):
        if not file.is_file():
            return Finding("FAIL", f"weights {name}", f"{file.name} is missing", REINSTALL)
    try:
        expected = json.loads(card.read_text(encoding="utf-8"))["sha256"]
    except (ValueError, KeyError):
        return Finding("FAIL", f"weights {name}", f"{card.name} holds no sha256", REINSTALL)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        return Finding("FAIL", f"weights {name}", "the checksum differs", REINSTALL)
    return Finding(
        "OK", f"weights {name}", f"{len(content) / 1e6:.1f} MB, checksum {expected[:12]}"
    )


def check_disk(folder: Path) -> Finding:
    """There is room for what the commands write in the current folder."""
    free = shutil.disk_usage(folder).free / 1e6
    detail = f"{free / 1e3:.1f} GB free here"
    if free >= LEAST_FREE_MEGABYTES:
        return Finding("OK", "disk", detail)
    return Finding("FAIL", "disk", detail, f"free at least {LEAST_FREE_MEGABYTES} MB")


def check_cache() -> Finding:
    """The cache folder, where matplotlib keeps its fonts, can be written to."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding("OK", "cache", "the home's cache folder can be written to")
    remedy = "set XDG_CACHE_HOME and MPLCONFIGDIR to folders of yours"
    return Finding("FAIL", "cache", f"{folder} cannot be written to", remedy)


def check_edit(load_models: Callable | None = None) -> Finding:
    """Models load and a step of an edit runs, in a time that one can wait for."""
    need = "one step of an edit"
    try:
        seconds = time_steps(load_models)
    except ModuleNotFoundError as error:
        return _waits_for(error, need)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return Finding("FAIL", need, " ".join(str(error).split()), "repair what fails above")
    return judge_seconds(seconds)


def time_steps(load_models: Callable | None = None) -> float:
    """Seconds of the fastest of the first steps; the first alone where that is hopelessly slow."""
    from sgim.bundle import load_bundle
    from sgim.editing.manipulate_config import ManipulateConfig
    from sgim.editing.manipulation import manipulate
    from sgim.seeds import ws_from_seeds
    from sgim.world.sounds import synthesize_sound

    bundle = (load_models or load_bundle)()
    ends = [time.perf_counter()]

    def is_hopeless(step) -> bool:
        ends.append(time.perf_counter())
        return ends[-1] - ends[-2] > 2 * TOO_SLOW_SECONDS

    manipulate(
        bundle,
        ws_from_seeds(bundle.generator, [0]),
        sound=synthesize_sound("rain", 0.8, 1.0, 0),
        config=ManipulateConfig(num_steps=TRIED_STEPS),
        callback=is_hopeless,
    )
    return min(end - start for start, end in itertools.pairwise(ends))


def judge_seconds(seconds: float) -> Finding:
    """Whether a step of that many seconds can be waited for, and why it is slow where it is."""
    need, detail = "one step of an edit", f"{seconds:.2f} s"
    if seconds <= SLOW_SECONDS:
        return Finding("OK", need, detail)
    cause, remedy = why_slow()
    state = "SLOW" if seconds <= TOO_SLOW_SECONDS else "FAIL"
    return Finding(state, need, f"{detail}, usual is {SLOW_SECONDS:g} s or less; {cause}", remedy)


def why_slow() -> tuple[str, str]:
    """The likeliest cause of slow steps, and the remedy."""
    import torch

    cores, threads, others = usable_cores(), torch.get_num_threads(), load() or 0.0
    if threads > cores:
        return (
            f"torch works with {threads} threads on {cores} usable cores",
            f"set OMP_NUM_THREADS={cores}",
        )
    if others > cores:
        return (
            f"the machine is busy: {others:g} programs want its {cores} cores",
            "stop other programs or wait for them, and set OMP_NUM_THREADS=1 until then",
        )
    return "this processor is slow", "ask for fewer steps: `sgim edit --steps 10`"


def _waits_for(error: ModuleNotFoundError, need: str) -> Finding:
    return Finding("SKIP", need, f"waits for {error.name}")
