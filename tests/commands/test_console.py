"""What the commands say beside each other: answers, bars and warnings."""

import re
import warnings

from tqdm import tqdm

import sgim
from sgim.commands.console import complain, say, warnings_in_one_line


def test_warnings_complaints_and_answers_do_not_stand_behind_a_bar(capsys):
    with warnings_in_one_line(), tqdm(total=2, desc="epoch 1/2"):
        warnings.warn_explicit("no wind", UserWarning, sgim.__file__, 1)
        complain("no fire")
        say("an answer")
    output = capsys.readouterr()
    assert output.out == "an answer\n"
    assert {"sgim: warning: no wind", "sgim: no fire"} <= {*re.split("[\r\n]", output.err)}
