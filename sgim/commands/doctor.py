"""Checks an installation and says what to do about what is missing.

needs -> one finding each -> [OK] or [FAIL] with a remedy; [SKIP] for what only notebooks want.
Nothing heavy is imported before its own check, so a broken installation still gets its answer.
"""

import hashlib
import importlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

LEAST_PYTHON = (3, 10)
LEAST_FREE_MEGABYTES = 500
WEIGHTS = ("mini_clip", "mini_audio", "mini_audio_synthetic", "mini_judge")
WEIGHTS_FOLDER = Path(__file__).parents[1] / "weights"
MODULES = {
    "open_clip_torch": "open_clip",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
"""Import names of the packages whose import name is another."""

NOTEBOOK_PACKAGES = ("ipykernel", "jupyterlab")
REINSTALL = "run `pip install --force-reinstall sgim`, or `make clean` and `make demo` in a clone"


@dataclass(frozen=True)
class Finding:
    """One need: `state` is OK, FAIL or SKIP; `remedy` says what to do about a FAIL."""

    state: str
    need: str
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"[{self.state}]".ljust(7) + f"{self.need}: {self.detail}"
        return f"{line}\n       -> {self.remedy}" if self.remedy else line


def run_doctor() -> int:
    """Print all findings; return 1 if any need is not met, else 0."""
    failed = 0
    for finding in examine():
        print(finding, flush=True)
        failed += finding.state == "FAIL"
    print(f"{failed} of the needs are not met." if failed else "All needs are met.")
    return int(failed > 0)


def examine() -> Iterator[Finding]:
    """Yield all findings in the order in which one would repair them."""
    yield check_python()
    yield from check_packages()
    yield from check_notebook_packages()
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


def check_packages() -> Iterator[Finding]:
    """Every package that sgim asks for imports and has a version in its range."""
    try:
        requirements = metadata.requires("sgim") or []
    except metadata.PackageNotFoundError:
        remedy = "run `pip install -e .` in the clone"
        yield Finding("FAIL", "sgim", "not installed, only found in this folder", remedy)
        return
    from packaging.requirements import Requirement

    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield check_package(requirement.name, requirement.specifier)


def check_package(name: str, versions) -> Finding:
    """Package `name` imports and its version lies in `versions` (a `SpecifierSet`)."""
    remedy = f"run `pip install '{name}{versions}'`"
    try:
        version = metadata.version(name)
        importlib.import_module(MODULES.get(name, name.replace("-", "_")))
    except metadata.PackageNotFoundError:
        return Finding("FAIL", name, "not installed", remedy)
    except (ImportError, OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding("FAIL", name, f"{version} does not import ({reason})", REINSTALL)
    if not versions.contains(version, prereleases=True):
        return Finding("FAIL", name, f"{version}, needed is {versions}", remedy)
    return Finding("OK", name, version)


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


def check_edit(load: Callable | None = None) -> Finding:
    """Models load and one step of an edit runs."""
    try:
        from sgim.bundle import load_bundle
        from sgim.editing.manipulate_config import ManipulateConfig
        from sgim.editing.manipulation import manipulate
        from sgim.seeds import ws_from_seeds
        from sgim.world.sounds import synthesize_sound

        bundle = (load or load_bundle)()
        result = manipulate(
            bundle,
            ws_from_seeds(bundle.generator, [0]),
            sound=synthesize_sound("rain", 0.8, 1.0, 0),
            config=ManipulateConfig(num_steps=1),
        )
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        return Finding("FAIL", "one step of an edit", reason, "repair what fails above")
    return Finding("OK", "one step of an edit", f"{result.seconds:.2f} s")
