"""Drawings that take their colors from the page: parts of SVG -> one drawing with its words."""

import html

from sgim.notebook.plots import GRAY

INK = f"var(--jp-ui-font-color1, {GRAY})"
FAINT = f"var(--jp-ui-font-color2, {GRAY})"


def svg_text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """Words at a place; `anchor` is "start", "middle" or "end"."""
    return (
        f'<text x="{x:.1f}" y="{y}" fill="{INK}" text-anchor="{anchor}">{html.escape(words)}</text>'
    )


def svg_drawing(parts: str, height: int, told: str, width: int) -> str:
    """A drawing that a screen reader tells by the sentence `told`."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" style="max-width:100%" font-size="12" font-family="sans-serif" '
        f'role="img" aria-label="{html.escape(told)}"><title>{html.escape(told)}</title>'
        f"{parts}</svg>"
    )
