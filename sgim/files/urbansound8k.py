"""UrbanSound8K, sounds of streets in ten folds (Salamon, Jacoby and Bello 2014).

folder with `UrbanSound8K.csv` -> `SoundClips`
"""

import os

from sgim.checks import require
from sgim.files.benchmark_tables import BenchmarkColumns, clips_of_table, find_table
from sgim.files.sound_clips import SoundClips, require_folder
from sgim.files.tables import read_table

COLUMNS = BenchmarkColumns(file="slice_file_name", target="classID", name="class", recording="fsID")


def read_urbansound8k(folder: str | os.PathLike) -> SoundClips:
    """Read UrbanSound8K (Salamon, Jacoby and Bello 2014), 10 folds.

    The table `UrbanSound8K.csv` and its clips may lie anywhere below the folder; as published they
    are in `metadata/` and `audio/fold1/` ... `audio/fold10/`. Never mix its folds: clips of one
    recording share one.

    Raises
    ------
    SgimError
        When the folder, the table or a clip of it is missing, the table is damaged, or a clip is
        in two folds.
    """
    folder = require_folder(folder)
    table = find_table(folder, "UrbanSound8K.csv")
    require(
        table is not None,
        f"{folder} holds no UrbanSound8K.csv; name the folder that holds it, or fetch it again.",
    )
    return clips_of_table(table, read_table(table, COLUMNS.all), COLUMNS, folder)
