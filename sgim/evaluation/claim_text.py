"""The sentences of docs/claim.md: the plan, which was written before there were numbers.

`sgim report` puts the numbers of data/claim.json below the plan; the plan holds none of them.
"""

from string import Template

HEAD = Template(
    """
# Does sound carry finer cues than text?

The paper says that text is a bottleneck: words name a weather, a sound tells how strong it is. This
page tests that in the mini world. **The plan was written and kept before any number of it was
made**; the numbers further down are read from a file by `sgim report`, and the plan is not changed
after them.

```
sgim evaluate --claim --out data/claim.json
sgim report
```

## The plan

**Hypothesis.** Of the level that was asked for, a picture that a sound has edited tells more than a
picture that the best words have edited.

**Levels.** $num_levels on both sides: $levels. A level is an intensity of the painter, from 0 to 1.
A sound of that level is synthesized; words for that level are written.

**Sides.** All edits set out from the source, with the default settings of `ManipulateConfig` and
pictures of $pixels pixels. No setting is tuned here.

- *sound*: the embedding of a sound of the level asked for; every level has another sound.
- *chosen words*: for each weather and level the best of all phrases of the mini world's grammar,
  the one whose target is nearest to renders of that level, on the validation scenes.
- *words of the heard level*: the sound is heard, and of the chosen words those nearest to it are
  followed. A listener could type them.
- *ordinary words*: a caption that the grammar draws for that level, another one each time.
- *random direction*: a direction of the embedding that says nothing, a reference that must fail.
- *no edit*: the scene as it is, a reference that must fail.

The words are chosen by looking at what they do, and the sounds are not chosen. So the test is on
the side of the words. Whoever chose them knew the level exactly, as nobody does who hears a sound.

**n.** $num_names sounds × $per_weather sequences = $num_sequences sequences of $num_levels edits on
each side. A sequence is one scene. Sequences share neither scene nor sound, so each is a cluster of
its own. Scenes $first_scene to $last_scene and sounds from $first_sound on: no decision was ever
taken on them. Words are chosen on the scenes $validation.
A random direction is tried on the first sequence of each weather.

**Measures**, level asked for against level reached (the painter's intensity after the edit):

- *bits*, which decide: the mutual information of the level asked for and the level reached. The
  levels that a side reaches for a weather are cut into $num_levels bins of equal count, ties
  together; the tables of all weathers are added; the bias is corrected as by Miller and Madow. At
  most $most_bits bits.
- *rank correlation*: Spearman's, within each sequence; mean over sequences.
- *slope*: of the level reached over the level asked for, least squares within each sequence; 1 is
  exact.
- *error*: the mean absolute difference of both levels.

Intervals are 95 %, by bootstrap over sequences within each weather; those of bits are reflected
about the estimate, because resampling adds bias. A permutation test, in which the levels of each
sequence are shuffled, says whether the bits could be chance.

**What decides.** The difference *sound − chosen words* in bits, over the same sequences.

- Its interval is above 0: the claim holds here.
- Its interval is below 0: **the claim is refuted here**.
- Its interval holds 0: the claim is not shown here.

The other differences (other sides, other measures) are told beside it and do not decide. If a
reference that must fail has an interval of rank correlations above 0, the test itself is broken.

**What we expect.** An older table of this project, on other scenes and with five grades of words
against eight levels of sounds, spoke against the claim: [Strength](measurements.md#strength).

**What else is looked at**, without a decision:

- *Mixtures*: two sounds played together, as loud as each other, at $num_ratios shares ($ratios):
  each has the level of its share. Against them the chosen words of both levels, joined by "and".
  $pairs, on $mixed_scenes scenes. How well does the share reached follow the share asked for?
- *The paper's own example*: "heavy rain" against "rain with thunder", as sounds (rain of 0.9; rain
  and thunder of 0.6 each) and as these words, on $example_scenes scenes. Right is, for the first,
  rain of at least $heavy and thunder below $present; for the second, both of at least $present.
- *Compositions*: a sound of level 0.8 and words that add something ($compositions), on
  $composed_scenes scenes. Right is: both are there, of at least $present, and no other weather is.
- *What a sentence would need*: the chosen words are thinned out to fewer grades; how few still
  carry as many bits as the sounds do.
""".strip()
)

NO_NUMBERS = """
## What came out

No numbers yet: `sgim evaluate --claim` makes them, and `sgim report` writes them here.
""".strip()

RESULTS = Template(
    """
## What came out

**$verdict_sentence**

From [data/claim.json](../data/claim.json):

$made

$sides

In the last column the share of shuffles that give as many bits. In brackets 95 % intervals over
$num_sequences sequences; of the random direction, over $random_tries times as many.

$references_sentence

Sound less each other side, over the same sequences:

$differences

### Departures from the plan

All were made after the first numbers, and the verdict was the same before.

- The intervals of bits are those of a jackknife over sequences, not of a reflected bootstrap. The
  latter lay low beside its estimate, and did not hold what another processor's rounding gave.
- The random direction is tried on all sequences, with $random_tries directions for each level.
  Some directions happen to bring the weather that is asked for. Of the eight for each level that
  were planned, and of thirty-two, more of these stood at high levels, and the interval of the rank
  correlation lay above 0: the plan calls that a broken test. In reverse order the same directions
  moved the same pictures, so their place among the levels plays no part.
- The same scenes and sounds were followed once before, with the CLIP that had met no photos.

### The levels that were reached

Mean over all sequences:

$levels

### What a sentence would need

$grades_sentence

$grades

### Mixtures

$mixtures

A share counts as the first weather's part of both. "Only these" are edits in which both are there
and no other weather is.

### The paper's own example

$example

### Compositions

Right: $compositions.

### The words

$words
""".strip()
)
