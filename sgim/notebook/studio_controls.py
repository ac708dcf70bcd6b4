"""What all parts of the Studio share: the size of a control, headings, uploads, sentences.

a control's name and numbers -> a widget with a label
"""

import html
from collections.abc import Callable, Sequence

import ipywidgets as widgets

ERROR = "#d93a2b"
"""Contrast 4.4 with white and 4.3 with JupyterLab's dark."""

WIDTH = "340px"


def control() -> dict:
    """Arguments that the controls of a panel share: width, and room for a label."""
    layout = widgets.Layout(width=WIDTH)
    return {"style": {"description_width": "100px"}, "layout": layout}


def heading(words: str) -> widgets.HTML:
    """A heading above some controls."""
    return widgets.HTML(f'<div class="sgim-heading">{html.escape(words)}</div>')


def choice_slider(
    description: str, values: Sequence[float], value: float, like: dict
) -> widgets.SelectionSlider:
    """A slider over a few useful values, `value` among them; `like` is what `control` gives."""
    options = [(f"{one:g}", one) for one in sorted({*values, value})]
    return widgets.SelectionSlider(options=options, value=value, description=description, **like)


def upload_button(
    description: str, accept: str, receive: Callable[[str, bytes], None]
) -> widgets.FileUpload:
    """A button for one file; `receive(name, content)` gets each, the same file again as well."""
    button = widgets.FileUpload(accept=accept, multiple=False, description=description)

    def hand_over(change) -> None:
        if change["new"]:
            (file,) = change["new"]
            button.value = ()
            receive(file["name"], bytes(file["content"]))

    button.observe(hand_over, names="value")
    return button


def sentence_html(sentence: str, is_error: bool = False) -> str:
    """A sentence that screen readers are told of when it changes."""
    style = f' style="color:{ERROR}"' if is_error else ""
    return f'<div role="status" aria-live="polite"{style}>{html.escape(sentence)}</div>'


def fresh_name(name: str, taken: Sequence[str], kept: Sequence[str] = ()) -> str:
    """`name`, with a number where it is taken, but for those that may be replaced.

    >>> fresh_name("rain", ["rain", "fire"]), fresh_name("a.wav", ["rain", "a.wav"], ["a.wav"])
    ('rain 2', 'a.wav')
    """
    number, found = 1, name
    while found in taken and found not in kept:
        number += 1
        found = f"{name} {number}"
    return found
