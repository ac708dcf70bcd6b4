"""Tables as people save them: any delimiter, any encoding, whatever a spreadsheet did to them.

bytes -> text -> rows that know their place -> cells, whole numbers, yes or no
"""

import codecs
import csv
import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sgim.checks import SgimError, require

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""First bytes that tell an encoding; those of UTF-16 also begin UTF-32's."""

WITHOUT_MARK = ("utf-8", "cp1252", "latin-1")
"""Tried in turn; the last one takes any bytes."""

DELIMITERS = ",;\t|"
YES = ("true", "yes", "1", "1.0", "wahr", "vrai", "verdadero", "vero")
NO = ("false", "no", "0", "0.0", "falsch", "faux", "falso", "")

Key, Value = TypeVar("Key"), TypeVar("Value")


def read_text(path: str | os.PathLike) -> str:
    """All of a text file in whatever encoding it is, without byte order marks and NULs.

    Raises
    ------
    SgimError
        When the file is missing, or ends or breaks off inside a character.
    """
    path = Path(path)
    require(path.is_file(), f"{path} is missing; name the folder that holds it, or fetch it again.")
    content = path.read_bytes()
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\ufeff", "").replace("\0", "")
    raise SgimError(f"{path} is damaged: it is not whole {encoding}; copy or save it again.")


def _encodings(content: bytes) -> tuple[str, ...]:
    """What to try for some bytes; two-byte characters without a mark show by their NULs."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return (encoding,)
    zeros = [byte == 0 for byte in content[:4]]
    if zeros in ([False, True] * 2, [True, False] * 2):
        return ("utf-16-le" if zeros[1] else "utf-16-be",)
    return WITHOUT_MARK


@dataclass(frozen=True)
class TableRow:
    """One row: `place` says where it stands, for complaints; `cells` are its texts by column.

    Examples
    --------
    >>> row = TableRow("a.csv line 2", {"fold": "5.0", "esc10": "TRUE"})
    >>> row["fold"], row.number("fold"), row.says_yes("esc10")
    ('5.0', 5, True)
    """

    place: str
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def number(self, column: str) -> int:
        """A whole number, also where a spreadsheet made 5 into 5.0."""
        return whole_number(self.cells[column], f"{column} in {self.place}")

    def says_yes(self, column: str) -> bool:
        """Whether a cell says TRUE, in the words and numbers of spreadsheets."""
        told = self.cells[column].lower()
        require(
            told in YES + NO,
            f"{column} in {self.place} is {self.cells[column]!r}; it must be True or False: "
            "correct the table.",
        )
        return told in YES


def whole_number(text: str, name: str) -> int:
    """The whole number that a text writes.

    Raises
    ------
    SgimError
        When it is none; `name` says what it is.
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    require(
        value.is_integer(), f"{name} is {text!r}; it must be a whole number: correct the table."
    )
    return int(value)


def what_each_has(
    rows: Sequence[TableRow],
    key: Callable[[TableRow], Key],
    what: str,
    value: Callable[[TableRow], Value],
) -> dict[Key, Value]:
    """Key -> value of the rows, in their order; all rows of one key must agree.

    Raises
    ------
    SgimError
        When they do not; `what` says what the value is.
    """
    found: dict = {}
    for row in rows:
        place, before = found.setdefault(key(row), (row.place, value(row)))
        require(
            before == value(row),
            f"{key(row)} has the {what} {before} in {place} and {value(row)} in {row.place}; it "
            "can have only one: correct the table, or get it anew.",
        )
    return {name: before for name, (_, before) in found.items()}


def read_table(
    path: str | os.PathLike, columns: Sequence[str], *, has_head: bool = True
) -> list[TableRow]:
    """The rows of a table, empty ones left out.

    Parameters
    ----------
    path : str or os.PathLike
        Values between commas, semicolons, tabs or bars.
    columns : sequence of str
        Those that must be there; their names may be written in any case. The cells of others are
        kept as well.
    has_head : bool
        Whether the first row names the columns; else the cells are those of `columns`, in order.

    Raises
    ------
    SgimError
        When the file is missing, no table, without rows or lacks a column, or a row has another
        number of cells than it must have; the sentence names the line.
    """
    path = Path(path)
    lines = _lines(path)
    names = list(columns)
    if has_head and lines:
        names = _names(path, lines.pop(0)[1], columns)
    require(
        bool(lines),
        f"{path} has no rows with the columns {', '.join(columns)}; get the table anew.",
    )
    rows = []
    for number, cells in lines:
        place = f"{path} line {number}"
        while len(cells) > len(names) and not cells[-1]:
            cells.pop()
        require(
            len(cells) == len(names),
            f"{place} has {len(cells)} cells where {len(names)} must be: {', '.join(names)}; get "
            "the table anew, or correct that line.",
        )
        rows.append(TableRow(place, dict(zip(names, cells, strict=True))))
    return rows


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and stripped cells of each line that says anything."""
    lines = list(io.StringIO(read_text(path), newline=""))
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    first = re.sub('"[^"]*"', "", "".join(lines[start : start + 1]))
    delimiter = max(DELIMITERS, key=first.count)
    if re.fullmatch(r"sep=.\s*", first, re.IGNORECASE):  # a hint of Excel's, no row
        start += 1
    reader = csv.reader(lines[start:], delimiter=delimiter, skipinitialspace=True, strict=True)
    found = []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if any(cells):
                found.append((start + reader.line_num, cells))
    except csv.Error as error:
        raise SgimError(
            f"{path} line {start + reader.line_num} cannot be read ({error}); correct that line, "
            "or get the table anew."
        ) from error
    return found


def _names(path: Path, head: list[str], columns: Sequence[str]) -> list[str]:
    """The columns of a head, in the case that is asked for; each must be there once."""
    asked = {column.lower(): column for column in columns}
    names = [asked.get(name.lower(), name) for name in head]
    while names and not names[-1]:
        names.pop()
    missing = [column for column in columns if column not in names]
    require(
        not missing,
        f"{path} has no column {', '.join(missing)}; it needs the columns {', '.join(columns)}: "
        "get the table anew.",
    )
    twice = [column for column in columns if names.count(column) > 1]
    require(
        not twice, f"{path} has the column {', '.join(twice)} more than once; leave one of each."
    )
    return names
