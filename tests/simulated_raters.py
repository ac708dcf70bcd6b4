"""Raters made by a program, whose preferences are known; nobody answered these questions."""

import numpy as np

from sgim.evaluation.human_study import CHECK
from sgim.evaluation.study_answers import answer_to


def simulate(study, strengths, num_raters, seed=0, *, careless=0, spread=0.0, first_rater=1000):
    """Answers of raters who follow Bradley and Terry's model; the last ones choose at random.

    `spread` is the standard deviation over raters of each method's strength. Attentive raters
    answer attention checks right.
    """
    random = np.random.default_rng(seed)
    answers = []
    for number in range(num_raters):
        own = {name: value + spread * random.standard_normal() for name, value in strengths.items()}
        attends = number < num_raters - careless
        rater = first_rater + number
        for position, (question, left) in enumerate(study.shown_to(rater), start=1):
            chance = _chance_of_left(question, left, own) if attends else 0.5
            side = 0 if random.random() < chance else 1
            answers.append(answer_to(study, rater, position, side, 1.0))
    return answers


def _chance_of_left(question, left, strengths):
    options = question.options[left], question.options[1 - left]
    if question.kind == CHECK:
        return float(options[0] == question.known)
    return 1 / (1 + np.exp(strengths[options[1]] - strengths[options[0]]))
