"""The settings of one edit.

numbers and switches -> checked -> `ManipulateConfig`
"""

from dataclasses import dataclass
from numbers import Integral

from sgim.checks import require, require_in_range, require_one_of
from sgim.editing.proximal_adam import SCALES
from sgim.editing.settings import check_kinds, check_seed, shown

TARGETS = ("image", "direct")
STARTS = ("source", "mapper", "proposals")


@dataclass(frozen=True, kw_only=True)
class ManipulateConfig:
    """Settings of one edit; the defaults suit the mini world.

    Parameters
    ----------
    num_steps : int
        Steps of the latent; from the mapper's place also 0.
    learning_rate : float
        Peak rate; it rises linearly over the first `ramp_up` of the steps and falls along a
        cosine over the last `ramp_down`.
    similarity_weight : float
        lambda_sim, how hard the latent is held at its source.
    sparse_weight : float
        Weight of the L1 penalty on the latent's change, taken as a proximal step: what changes
        the guidance by less stays at exactly its source (`sgim.editing.proximal_adam`).
    step_scale : "latent" or "coordinate"
        What a step is measured by: the steepest coordinate of the latent moves by about the
        learning rate and the others in proportion, or each by about the learning rate, as with
        Adam.
    target : "image", "direct" or None
        What the pictures follow: the picture that the bundle's prior expects of what is heard or
        read, or the embedding of the sound or text itself, as the paper does. None takes the
        prior where the bundle has one.
    pursuit : bool
        Wander for a part of the steps, find the few coordinates that bring most, and move these
        alone from there on (`sgim.editing.pursuit`).
    identity_weight : float
        lambda_ID; 0 leaves the recognition network alone.
    adaptive_layer_mask : bool
        Layers get weights g_l that follow their own loss; off means g_l = 1.
    mask_rate : float
        Step of the mask's rule.
    layers : iterable of int, or None
        The rows of the latent that may move, from 0; the others stay exactly as they are. None
        lets all move. Styles by layer range: `range(n)` are those that `sgim.models.stylegan2.
        mix_styles` takes from its coarse latent, `range(n, num_ws)` those of the fine one. Kept
        as a sorted tuple.
    latent_noise : float
        Standard deviation of noise on w at the first step, fading to none at three quarters of
        the way, or of the way to the pursuit, as in StyleGAN2's projector; it carries the latent
        over flat places.
    start : "source", "mapper" or "proposals"
        Where the latent sets out. "mapper": where one pass of the bundle's mapper leads; the steps
        then move only what it has moved, without noise or pursuit. "proposals": the best of the
        generator's starting points, where it offers some, an oracle that no learned generator
        has, for comparison alone.
    patience : int or None
        Stop when the guidance has not improved by `min_improvement` for so many steps.
    seed : int
        Of the noise.
    official_compat : bool
        Repeat three choices of the published loop, to compare with: how CLIP sees the pictures, a
        similarity times 1.07, when the mask moves and that it ends at the 14th layer. They are
        explained in `sgim.editing.errata`.
    autocast : bool
        Pictures and their embeddings in bfloat16 while the latent moves, faster on processors and
        graphics cards that have it; the latent, the loss and the pictures of the result stay in
        float32.
    compile: bool
        Let `torch.compile` make kernels for the generator and the image tower. That takes minutes
        at the first step and pays for long edits on graphics cards.
    """

    num_steps: int = 25
    learning_rate: float = 0.12
    similarity_weight: float = 0.02
    sparse_weight: float = 0.005
    step_scale: str = "latent"
    target: str | None = None
    pursuit: bool = True
    identity_weight: float = 0.0
    adaptive_layer_mask: bool = True
    mask_rate: float = 0.1
    layers: tuple[int, ...] | None = None
    ramp_up: float = 0.05
    ramp_down: float = 0.25
    latent_noise: float = 0.3
    start: str = "source"
    patience: int | None = None
    min_improvement: float = 1e-3
    seed: int = 0
    official_compat: bool = False
    autocast: bool = False
    compile: bool = False

    def __post_init__(self) -> None:
        check_kinds(self)
        check_seed(self.seed)
        require_one_of("start", self.start, STARTS)
        fewest = 0 if self.start == "mapper" else 1
        require(
            self.num_steps >= fewest,
            f"num_steps is {self.num_steps}; an edit takes at least {fewest} steps: raise it.",
        )
        require_in_range("learning_rate", self.learning_rate, 0.0, 10.0)
        for name in ("similarity_weight", "sparse_weight", "identity_weight", "latent_noise"):
            require_in_range(name, getattr(self, name), 0.0, 1e3)
        for name in ("ramp_up", "ramp_down", "mask_rate"):
            require_in_range(name, getattr(self, name), 0.0, 1.0)
        require(
            self.patience is None or self.patience >= 1,
            f"patience is {self.patience}; it counts steps: use None or at least 1.",
        )
        require_one_of("step_scale", self.step_scale, SCALES)
        if self.target is not None:
            require_one_of("target", self.target, TARGETS)
        if self.layers is not None:
            object.__setattr__(self, "layers", _checked_layers(self.layers))


def _checked_layers(layers: object) -> tuple[int, ...]:
    """Row numbers, sorted, each once."""
    try:
        rows = [] if isinstance(layers, bytes) else list(layers)
    except TypeError:
        rows = []
    require(
        bool(rows) and all(_is_row(row) for row in rows),
        f"layers is {shown(layers)}; it names rows of the latent, whole numbers from 0: pass "
        "range(4, 9) for rows 4 to 8, or None for all.",
    )
    return tuple(sorted({int(row) for row in rows}))


def _is_row(row: object) -> bool:
    return isinstance(row, Integral) and not isinstance(row, bool) and row >= 0
