"""The machine that a program runs on, asked without any library.

/proc, the system's own answers -> a processor's name, cores that may be used, how busy they are.
"""

import os
import platform
import subprocess
from pathlib import Path

CGROUP_LIMITS = (
    ("/sys/fs/cgroup/cpu.max", None),
    ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
)
"""Where Linux keeps the share of a container: quota and period, in one file or in two."""


def processor_name() -> str:
    """What the processor calls itself."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        told = subprocess.run(asked, capture_output=True, text=True, check=False)
        if told.returncode == 0:
            return told.stdout.strip()
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Cores that this program may use: fewer than the machine's where a container limits them."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return max(1, min(cores, round(_container_cores() or cores)))


def _container_cores() -> float | None:
    """What the limits of a container come to, in cores."""
    for quota, period in CGROUP_LIMITS:
        files = [Path(quota), *([Path(period)] if period else [])]
        if all(file.is_file() for file in files):
            words = " ".join(file.read_text() for file in files).split()
            if len(words) == 2 and words[0].isdigit() and int(words[1]) > 0:
                return int(words[0]) / int(words[1])
    return None


def load() -> float | None:
    """Programs that wanted a core during the last minute, on average; None where nobody counts."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
