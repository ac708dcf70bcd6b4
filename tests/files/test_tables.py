"""Tables: whatever a spreadsheet, a shell or a broken copy did to them, they are read or told."""

import pytest

from sgim.checks import SgimError
from sgim.files.tables import TableRow, read_table, read_text, what_each_has

TABLE = "file,Fold,class\na.wav,1,M\xfcnchen\nb.wav,2,rain\n"
COLUMNS = ("file", "fold", "class")


def save(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(path, columns=COLUMNS, **options):
    return [[row[column] for column in columns] for row in read_table(path, columns, **options)]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        b"\xef\xbb\xbf" + TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
        TABLE.encode("latin-1"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode("utf-16"),
        ("sep=;\n" + TABLE.replace(",", ";")).encode(),
        TABLE.replace("\n", "\r\n").encode() + b"\r\n\r\n",
        TABLE.replace("\n", "\r").encode(),
        b"\n\n" + TABLE.encode(),
        TABLE.encode() + b",,\n,,,,\n",
        TABLE.encode() + b"\0\0\0\0\n",
        TABLE.replace(",", " , ").encode(),
        TABLE.replace("class\n", "class,,\n").encode(),
        TABLE.replace("Fold", "FOLD").encode(),
        TABLE.replace("M\xfcnchen", '"M\xfcnchen"').encode(),
    ],
)
def test_a_table_says_the_same_however_it_was_saved(tmp_path, content):
    rows = cells(save(tmp_path / "a.csv", content))
    assert rows == [["a.wav", "1", "M\xfcnchen"], ["b.wav", "2", "rain"]]


def test_a_delimiter_inside_quotes_does_not_count(tmp_path):
    path = save(tmp_path / "a.csv", 'x;"birds, many, and rain";3\n')
    assert cells(path, has_head=False) == [["x", "birds, many, and rain", "3"]]
    path = save(tmp_path / "a.csv", 'x,3,"bird; bird; bird; bird"\n')
    assert cells(path, has_head=False) == [["x", "3", "bird; bird; bird; bird"]]


def test_other_columns_are_kept(tmp_path):
    (row, _) = read_table(save(tmp_path / "a.csv", TABLE), ("file",))
    assert row.cells == {"file": "a.wav", "Fold": "1", "class": "M\xfcnchen"}
    assert row.place == f"{tmp_path / 'a.csv'} line 2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no rows with the columns file, fold, class"),
        ("\n\n", "no rows with the columns"),
        ("file,fold,class\n", "no rows with the columns"),
        ("file,fold\na.wav,1\n", "has no column class; it needs the columns file, fold, class"),
        ("file,fold,class,fold\na.wav,1,x,2\n", "has the column fold more than once"),
        (TABLE + "c.wav,3\n", "line 4 has 2 cells where 3 must be"),
        ("\r\n" + TABLE + "c.wav", "line 5 has 1 cells where 3 must be"),
        (TABLE + "c.wav,3,rain,hail\n", "line 4 has 4 cells where 3 must be"),
        (TABLE + 'c.wav,3,"rain\nd.wav,4,rain\n', "cannot be read"),
        (TABLE.encode("utf-16")[:-1], "is damaged: it is not whole utf-16"),
        (TABLE.encode("utf-8-sig")[:20] + b"\xff", "is damaged: it is not whole utf-8"),
        (b"PK\3\4" + bytes(range(256)) * 40, "a.csv"),
        ("x" * 200_000, "a.csv line 1 cannot be read"),
    ],
)
def test_what_is_no_whole_table_is_told_in_one_sentence(tmp_path, content, words):
    with pytest.raises(SgimError, match=words) as error:
        read_table(save(tmp_path / "a.csv", content), COLUMNS)
    assert len(str(error.value)) < 400 and "\n" not in str(error.value)


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SgimError, match="b.csv is missing"):
        read_text(tmp_path / "b.csv")


def test_numbers_are_whole_also_after_a_spreadsheet():
    row = TableRow("a.csv line 2", {"fold": "5", "target": "10.0", "half": "0.5", "word": "ten"})
    assert (row.number("fold"), row.number("target")) == (5, 10)
    for column in ("half", "word"):
        with pytest.raises(SgimError, match=f"{column} in a.csv line 2 is .*whole number"):
            row.number(column)
    for told in ("", "nan", "inf", "1,5"):
        with pytest.raises(SgimError, match="must be a whole number"):
            TableRow("a.csv line 2", {"fold": told}).number("fold")


def test_yes_and_no_are_those_of_spreadsheets():
    def says_yes(told):
        return TableRow("a.csv line 2", {"esc10": told}).says_yes("esc10")

    assert all(map(says_yes, ("True", "TRUE", "true", "1", "1.0", "yes", "WAHR", "VRAI")))
    assert not any(map(says_yes, ("False", "FALSE", "0", "0.0", "no", "FALSCH", "")))
    with pytest.raises(SgimError, match="esc10 in a.csv line 2 is 'maybe'; it must be True or Fal"):
        says_yes("maybe")


def test_rows_of_one_key_must_agree():
    rows = [
        TableRow(f"line {n}", {"file": f, "use": u}) for n, f, u in ((1, "a", "x"), (2, "b", "y"))
    ]
    asked = (lambda row: row["file"], "use", lambda row: row["use"])
    assert what_each_has([*rows, rows[0]], *asked) == {"a": "x", "b": "y"}
    with pytest.raises(SgimError, match="a has the use x in line 1 and z in line 3"):
        what_each_has([*rows, TableRow("line 3", {"file": "a", "use": "z"})], *asked)
