"""The demo's page: one HTML file beside its pictures and sounds, nothing from elsewhere.

columns of the demo -> sections with a player, what was heard, pictures before and after -> HTML.
"""

import html
from string import Template

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A sound moves a picture</title>
<style>
:root { --paper: #fbfaf7; --ink: #26323a; --soft: #5d6a72; --line: #e3e0d8; --bar: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14191d; --ink: #e8ecee; --soft: #9fb0ba; --line: #2b343a; --bar: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 2.5rem 1.5rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { margin: 0; font-size: 2.1rem; letter-spacing: -0.02em; }
h2 { margin: 0 0 .6rem; font-size: 1.25rem; overflow-wrap: anywhere; }
p { max-width: 44rem; color: var(--soft); }
section { display: grid; grid-template-columns: 250px 1fr; gap: 1.5rem; padding: 1.6rem 0;
  border-top: 1px solid var(--line); }
audio { width: 100%; height: 36px; margin-bottom: .8rem; }
.heard { display: grid; grid-template-columns: 6.5rem 1fr 2.6rem; gap: .15rem .5rem;
  align-items: center; margin: 0; font-size: .85rem; }
.heard dt, .heard dd { margin: 0; }
.heard .number { text-align: right; font-variant-numeric: tabular-nums; color: var(--soft); }
.bar { height: .5rem; border-radius: .25rem; background: var(--bar); }
.pictures { display: grid; grid-template-columns: repeat($scenes, 1fr); gap: .6rem; }
.pair { position: relative; display: block; overflow: hidden; border-radius: .5rem;
  aspect-ratio: 1; background: var(--line); }
.pair img { position: absolute; inset: 0; width: 100%; height: 100%; transition: opacity .35s; }
.pair img + img:hover, .pair:focus img + img { opacity: 0; }
figure { margin: 2rem 0; }
figure img { width: 100%; border-radius: .5rem; border: 1px solid var(--line); background: white; }
figcaption { color: var(--soft); font-size: .9rem; }
@media (max-width: 760px) { section { grid-template-columns: 1fr; } }
</style>
</head>
<body>
<h1>A sound moves a picture</h1>
<p>Each sound was embedded into the space that pictures and words share. Then the latent of every
scene was optimized until its picture said what the sound says. Point at a picture to see the
scene before.</p>
$sections
<figure>
<a href="sheet.png"><img src="sheet.png" alt="All scenes, edited by all sounds"></a>
<figcaption>All of it on one sheet: scenes in rows, sounds in columns, above them their log-mel
spectrograms.</figcaption>
</figure>
</body>
</html>
""")

SECTION = Template("""<section>
<div>
<h2>$title</h2>
<audio controls preload="none" src="sounds/$stem.wav" aria-label="sound: $title"></audio>
<dl class="heard">
$heard
</dl>
</div>
<div class="pictures">
$pictures
</div>
</section>
""")

HEARD = Template("""<dt>$label</dt><dd><div class="bar" style="width: $width%"></div></dd>
<dd class="number">$score</dd>""")

PICTURE = Template("""<a class="pair" href="edits/${stem}_$number.png">
<img src="scenes/scene$number.png" alt="scene $number before">
<img src="edits/${stem}_$number.png" alt="scene $number after $title"></a>""")


def build_page(columns: list, num_scenes: int) -> str:
    """Return the page for the demo's columns (`DemoColumn`) over `num_scenes` scenes."""
    sections = "\n".join(_section(column, num_scenes) for column in columns)
    return PAGE.substitute(sections=sections, scenes=num_scenes)


def _section(column, num_scenes: int) -> str:
    title, stem = html.escape(column.sound.title), column.sound.file_stem
    heard = "\n".join(
        HEARD.substitute(
            label=html.escape(label), width=f"{100 * max(score, 0):.0f}", score=f"{score:.2f}"
        )
        for label, score in column.heard.items()
    )
    pictures = "\n".join(
        PICTURE.substitute(stem=stem, number=number, title=title)
        for number in range(1, num_scenes + 1)
    )
    return SECTION.substitute(title=title, stem=stem, heard=heard, pictures=pictures)
