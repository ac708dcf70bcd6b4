"""The sentences of the page of measurements, with places for its tables; they hold no number that a
file of data/ holds.

They are about today's results: read them again when the tables change.
"""

from string import Template

HEAD = Template(
    """
# What was measured

This page is made by `sgim report` from the JSON files in [data](../data/README.md). Do not edit
it: measure again, or change `sgim/evaluation/measurements_text.py`.

```
sgim evaluate --recordings DIR --esc10 DIR --lpips --out data/measurements.json
sgim ablate                                             # then copy runs.json to data/ablation.json
sgim compare --out data/edit_ways.json
sgim evaluate --photos DIR --out data/photo_edits.json
sgim evaluate --one-pass --recordings DIR --esc10 DIR --out data/one_pass.json
sgim bench edit --mini --out data/bench_one_pass.json
sgim bench edit --out data/bench_edit.json
sgim bench edit --sizes --out data/bench_edit_sizes.json
sgim bench align --out data/bench_align.json
sgim report                                             # writes this page
```

The rows on real sound need the two folders of recordings. `--lpips` needs the package lpips and
fetches AlexNet, 233 MB. A file that was written before the commands kept where a number comes from
says "not recorded".

- [The mini world](#the-mini-world): recognition, edits, strength, λ_sim, what the ear mistakes
- [The method beside its helpers](#the-method-beside-its-helpers)
- [Photos](#photos)
- [Four objectives, trained alike](#four-objectives-trained-alike)
- [One pass](#one-pass), and its seconds
- Seconds: [an edit step](#an-edit-step),
  [log-mels and training steps](#log-mels-and-training-steps)
- [What this says and what it does not](#what-this-says-and-what-it-does-not)
""".strip()
)

MINI_WORLD = Template(
    """
## The mini world

From [data/measurements.json](../data/measurements.json):

$made

The recordings are not part of the project. They are ESC-10 and excerpts of free recordings. The
audio encoder has heard some of them ([which, by whom](../data/training_recordings.csv)). It is
measured on others: fold 5 of ESC-10, excerpts whose licence does not allow training, and kinds kept
aside (sirens, trains, helicopters, chainsaws). Its predecessor has never heard a recording:
`sgim.load_bundle("mini-synthetic")`.

The encoder was chosen on its training recordings alone: whole repositories were left out, a quarter
of all at a time. The other recordings were measured with it once, and the edits by them twice more:
when CLIP had met photos, and with the prior that ships. Encoders before it were measured on them,
too: on the newest 44 recordings once, on the older ones and on fold 5 more often, and with these in
sight.

$overview

### Each sound

$edits_by_sound

### Strength

$strength

### Two sounds at once

$mixtures

A recording lies between the names, as a mixture does. A prior that heard recordings in mixtures,
too, took a little of a second sound for doubt and painted less of it. The one that ships hears
recordings of one weather at a time. The sounds of this table are synthetic; two
recordings at once are not measured.

### What nobody asked for

By how much the cosine of a picture with the target changes when a little of another weather
($unasked) joins the asked one ($asked). Below zero the guide minds it. Before the arrow: the
embedding of the sound as the target; after it: what the prior expects to see.

$unasked_costs

The guide minds least: $least.

### What λ_sim and the adaptive mask do

$settings

With λ_sim at $low_weight and $high_weight the land drifts by $drift_low and $drift_high, and the
weather rises by $rise_low and $rise_high; without the adaptive mask it rises by $rise_unmasked at
$high_weight. The pursuit keeps the land by itself.

### What the ear mistakes

Rows are what a recording is, columns what was heard; counts of excerpts.

$confusion

The ear is the weak link: $right of the edits by synthetic sounds are right, of those by recordings
that it has never heard $right_recorded, and it names $named of these right. A recording lies
between the captions, less extreme and less pure than a synthetic sound. The prior has therefore
heard recordings, too, each as an encoder hears it that has not learned from its repository.
Waterfalls and winds in trees may be as steady as plain noise; then only the color of the noise is
left to tell them by.

The encoder that ships is the mean of the weights of three trainings, seeds 1 to 3. The same
recording in two collections counts once. The spectrograms of the twenty recordings that were heard
most wrongly, with their repository left out, were looked at. Some are hard to tell: a clap of
thunder that is repeated to fill five seconds swells like a sea, and a low rumble may be wind or far
thunder. None contradicts its label, so no label was changed. Cicadas count as crickets.
""".strip()
)

WAYS = Template(
    """
## The method beside its helpers

From [data/edit_ways.json](../data/edit_ways.json):

$made

An edit may succeed for other reasons than the optimization: the painter may propose where to set
out, the pursuit may find by trying what a slope should have found, and words may do what sounds do.
So the same scenes are edited by each of these alone, and by the method without each of its helpers.
When the pursuit tries a single number of the latent it profits from this world's tidy latents, in
which one number is the rain.

$table
""".strip()
)

PHOTOS = Template(
    """
## Photos

From [data/photo_edits.json](../data/photo_edits.json):

$made

Weather painted over photos by others, which are not part of the project. Each is edited by one
synthetic sound of every weather that has a place in it: waves and a stream need water, as far as
the plain rules find it. Doing nothing is never right, for the weather has to rise by 0.5. The
photos: china and flower of scikit-learn; rocket, coffee and moto (its motorcycle) of scikit-image;
church, lake, hotel, street and meadow of Debian's opencv-doc; dune and storm of mate-backgrounds;
tower of gradio; bus of ultralytics; beach, brook, dandelions, hill, mountains and sunset of
lomiri-wallpapers-16.04; bythewater, coldripple, darkesthour, eveningglow, kite, path and summer_1am
of plasma-workspace-wallpapers.

$table

The photos took part in no training. Those of the last two packages were new to painter, mapper and
judge; only the rule that finds water was mended after a first look at them, which had taken blue
mountains and a blue sky for water. Most of the others were in sight while the painter of photos was
made. CLIP, the mapper and the judge have met invented ones: gradients, noise and shapes by a
program, and painted lands in other colors. CLIP learned to say of them what it says of the same
weather over painted land. These photos were measured with the CLIP before it as well, and
with the prior and mapper before those that ship.
""".strip()
)

OBJECTIVES = Template(
    """
## Four objectives, trained alike

From [data/ablation.json](../data/ablation.json):

$made

`sgim ablate` trains the same encoder, smaller than the one that ships, on the same sounds with the
losses of four papers, $num_seeds seeds each (mean ± standard deviation), in seven minutes on two
cores. The last two columns are after training on pairs with planted accidents: a whistle in the
sound goes with a place in the picture.

$table

What comes out:

- Words matter most for naming: zero-shot rises by $words_least to $words_most points as soon as
  captions take part.
- The weakly-paired term pays when the pairs lie. Trained on accidents, its sounds find their
  pictures best, and it loses least to them: $lost_robust points. AudioCLIP's objective loses
  $lost_audioclip, pictures alone lose $lost_pictures, and two views without that term
  $lost_two_views, for a whistle is in both views and helps to tell sounds apart.
- With clean pairs the term buys nothing. The three objectives with words are alike, and from
  picture to sound pictures alone are best.
- In noise the differences are within the spread.

Few seeds: a gap of two points is no result.
""".strip()
)

ONE_PASS = Template(
    """
## One pass

From [data/one_pass.json](../data/one_pass.json), and the optimizer's column from
[data/measurements.json](../data/measurements.json):

$made

The mapper edits the same scenes by the same sounds as the optimizer, and is judged alike: by the
true parameters, which it never sees at the time of an edit, and by a judge that took no part. It
was trained on other places and other sounds. The recordings are those that the optimizer was
measured with. Its pairs tell it which latent shows what a target
asks for; the optimizer has to find that out from CLIP.

$table
""".strip()
)

ONE_PASS_SECONDS = Template(
    """
### Its seconds

From [data/bench_one_pass.json](../data/bench_one_pass.json):

$made

$table
""".strip()
)

EDIT_STEP = Template(
    """
## An edit step

From [data/bench_edit.json](../data/bench_edit.json):

$made

An edit of one picture of 256 pixels with CLIP ViT-B/32 and random weights:

$table

The published loop asks the system for gigabytes of fresh memory at each step, and its time varies.

**What is rounding and what is not.** With the published choices both loops compute the same: in
float64, on a small generator, they are less than a billionth of their way apart after 6 steps (a
test keeps it so). In float32 they part by rounding alone. Adam divides each gradient by its own
size, so a coordinate whose gradient is no larger than its rounding error goes a whole step to
either side, and how many do so depends on the processor: 0.002 was measured on one machine, 0.05 on
another. Up to 0.1 of the way counts as rounding here, and the test of a small generator in float32
allows no more. Other pixels for CLIP, another mask and bfloat16 are no rounding: they lead
elsewhere.
""".strip()
)

EDIT_SIZES = Template(
    """
### Several edits at once, and 1024 pixels

From [data/bench_edit_sizes.json](../data/bench_edit_sizes.json):

$made

The same models; at 1024 pixels a generator of the sizes of the one for faces. Edits at once share a
source and a sound.

$table
""".strip()
)

TRAINING_STEP = Template(
    """
## Log-mels and training steps

From [data/bench_align.json](../data/bench_align.json):

$made

$table
""".strip()
)

END = Template(
    """
## What this says and what it does not

The mini world shows that the method works and lets one look inside. It says little about real
photographs: its pictures are painted by a program that knows ten weathers, and its encoder of
pictures has seen nothing else. Its latents are tidy, which helps the pursuit. Its prior and its
mapper have learned from the painter's own pictures what belongs to a sound; for a StyleGAN somebody
would have to caption some thousands of its pictures first.
""".strip()
)

NO_NUMBERS = Template("No numbers are kept; `$command --out data/$name` measures them.")
