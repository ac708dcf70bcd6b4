"""The figure of the ablation: what each objective buys, on clean pairs and with accidents.

runs of `sgim.embedding.ablation` -> bars with their spread over seeds
"""

from matplotlib.figure import Figure

from sgim.embedding.ablation import MEASURES, summary
from sgim.embedding.alignment_terms import OBJECTIVES
from sgim.notebook.plots import GRAY


def plot_ablation(runs: list[dict]) -> Figure:
    """Bars of zero-shot and sound → picture, trained on clean pairs and with accidents."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, measure in zip(axes, ("zero_shot", "sound_to_image"), strict=True):
        for shift, condition in ((-0.2, "clean"), (0.2, "accidents")):
            rows = [summary(runs, objective, condition, measure) for objective in OBJECTIVES]
            ax.barh(
                [index + shift for index in range(len(rows))],
                [mean for mean, _ in rows],
                height=0.36,
                xerr=[spread for _, spread in rows],
                ecolor=GRAY,
                label=condition,
            )
        ax.set_yticks(range(len(OBJECTIVES)), list(OBJECTIVES))
        ax.set_xlim(0, 1)
        ax.set_title(MEASURES[measure])
        ax.invert_yaxis() if measure == "zero_shot" else None
        ax.spines[["top", "right"]].set_visible(False)
    handles, conditions = axes[1].get_legend_handles_labels()
    labels = [f"trained on pairs: {condition}" for condition in conditions]
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure
