"""What the doctor finds: one need each, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One need: `state` is OK, SLOW, FAIL or SKIP; `remedy` says what to do about it."""

    state: str
    need: str
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"[{self.state}]".ljust(7) + f"{self.need}: {self.detail}"
        return f"{line}\n       -> {self.remedy}" if self.remedy else line
