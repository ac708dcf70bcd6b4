"""Checks of two slips of the published code, thought through: 14 rows, and a table read on.

size of the picture, weights of the mask -> rows that are free; place in a table -> place after
"""

import math

import torch

from sgim.exercises.answers import Answer, check_values
from sgim.exercises.reports import Findings, Unanswerable, reported


@reported("rows that nothing holds")
def check_unheld_rows(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_unheld_rows(img_resolution, num_weights)` -> number of rows."""
    answer = Answer(function, "my_unheld_rows")
    random = torch.Generator().manual_seed(seed)
    sizes = [2**power for power in (6, 8, 9, 10, 11, 12)]
    weights = torch.randint(3, 13, (3,), generator=random).tolist()
    cases = [(size, 14) for size in sizes]
    cases += [(256, weights[0]), (1024, weights[1]), (64, weights[2]), (32, 8)]

    def rows(size: int) -> int:
        return 2 * int(math.log2(size)) - 2

    check_values(
        findings,
        answer,
        cases,
        lambda size, weights: torch.tensor(float(max(0, rows(size) - weights))),
        {
            "The number is negative for small pictures. What is it when all rows are held?": (
                lambda size, weights: torch.tensor(float(rows(size) - weights))
            ),
            "num_weights is not used: the mask has 14 weights in the published code, and the "
            "function shall also serve for others.": (
                lambda size, weights: torch.tensor(float(max(0, rows(size) - 14)))
            ),
            "That fits 64, 256, 512 and 1024 pixels and nothing else. How does the number of rows "
            "grow when the picture is doubled?": (
                lambda size, weights: torch.tensor(float(2 * (size // 512)))
            ),
            "That is the number of all rows.": lambda size, weights: torch.tensor(
                float(rows(size))
            ),
            "That is the number of rows that are held.": lambda size, weights: torch.tensor(
                float(min(rows(size), weights))
            ),
            "There are two rows fewer: at 4 pixels there is one convolution only.": (
                lambda size, weights: torch.tensor(float(max(0, rows(size) + 2 - weights)))
            ),
        },
        axes="a single number, ()",
        otherwise="Write the rows of 256, 512 and 1024 pixels by the rule of lesson 05. Which of "
        "them come after the last weight?",
    )


class _Places(Answer):
    """A function that returns a row and a column."""

    def numbers(self, *arguments: object) -> torch.Tensor:
        value = self.call(*arguments)
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise Unanswerable(
                f"{self.name} returns something else than two numbers; end with "
                "`return new_row, new_column`."
            )
        if not all(isinstance(one, int | float) and one == int(one) for one in value):
            raise Unanswerable(
                f"{self.name} returns {value[0]!r} and {value[1]!r}; a row and a column are whole "
                "numbers. Which division leaves no fraction, and which operation gives the rest?"
            )
        return torch.tensor([float(one) for one in value])


@reported("where a number goes")
def check_place(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_place(row, column, height, width)` -> row and column in the table (width, height)."""
    answer = _Places(function, "my_place")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for height, width in ((3, 2), (5, 7), (512, 128), (40, 9), (6, 17)):
        for _ in range(3):
            row = int(torch.randint(height, (), generator=random))
            column = int(torch.randint(width, (), generator=random))
            cases.append((row, column, height, width))

    def after(row, column, height, width):
        return torch.tensor(divmod(row * width + column, height)).float()

    check_values(
        findings,
        answer,
        cases,
        after,
        {
            "That is a transposition, which is what was meant. The slip does something else.": (
                lambda row, column, height, width: torch.tensor([column, row]).float()
            ),
            "Nothing has moved. How long is a row of the table after the slip?": (
                lambda row, column, height, width: torch.tensor([row, column]).float()
            ),
            "The axes are mixed up: the row comes first, then the column.": (
                lambda *case: after(*case).flip(0)
            ),
            "Counted column after column and dealt out in the old length. Which order is read, and "
            "how long is a new row?": lambda row, column, height, width: torch.tensor(
                divmod(column * height + row, width)
            ).float(),
            "How many numbers come before this one? A row has `width` of them, not `height`.": (
                lambda row, column, height, width: torch.tensor(
                    divmod(row * height + column, width)
                ).float()
            ),
        },
        axes="(row, column)",
        otherwise="Take the table of three rows and two columns of section 6. The 4 stands in row "
        "1, column 1: as which number is it read, and where does it stand afterwards?",
    )
