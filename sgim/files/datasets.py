"""Sound data sets that others publish: what they are, their licences, how they come and are read.

name -> `DataSet`: a file on the internet, its folder, its reader · `fetch` brings the folder
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sgim.checks import require_one_of
from sgim.files.downloads import RemoteFile, download, require_disk, unpack
from sgim.files.esc import read_esc
from sgim.files.sound_clips import SoundClips
from sgim.files.urbansound8k import read_urbansound8k
from sgim.files.vggsound import read_vggsound


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """What is known of a published data set: its file, its folder's name, and its reader."""

    folder: str
    about: str
    remote: RemoteFile
    read: Callable[[Path], SoundClips]


ESC50 = RemoteFile(
    file_name="ESC-50-master.zip",
    urls=(
        "https://github.com/karolpiczak/ESC-50/archive/master.zip",
        "https://paddleaudio.bj.bcebos.com/datasets/ESC-50-master.zip",
    ),
    num_bytes=646_000_000,
    checksum="md5:7771e4b9d86d0945acce719c7a59305a",
    license="CC BY-NC 3.0 (the clips of ESC-10: CC BY 3.0)",
    citation="K. J. Piczak, ESC: Dataset for Environmental Sound Classification, ACM MM 2015",
)
DATA_SETS = {
    "esc50": DataSet(
        folder="ESC-50",
        about="2000 clips of 5 s, 50 classes, 5 folds",
        remote=ESC50,
        read=read_esc,
    ),
    "esc10": DataSet(
        folder="ESC-50",
        about="400 clips of 5 s, 10 classes, 5 folds; a part of ESC-50",
        remote=ESC50,
        read=partial(read_esc, only_esc10=True),
    ),
    "urbansound8k": DataSet(
        folder="UrbanSound8K",
        about="8732 clips of up to 4 s, 10 classes, 10 folds",
        remote=RemoteFile(
            file_name="UrbanSound8K.tar.gz",
            urls=("https://zenodo.org/records/1203745/files/UrbanSound8K.tar.gz",),
            num_bytes=6_023_741_708,
            checksum="md5:9aa69802bbf37fb986f71ec1483a196e",
            license="CC BY-NC 3.0 as its own page says, CC BY-NC 4.0 as its Zenodo record says",
            citation="J. Salamon, C. Jacoby, J. P. Bello, A Dataset and Taxonomy for Urban Sound "
            "Research, ACM MM 2014",
        ),
        read=read_urbansound8k,
    ),
    "vggsound": DataSet(
        folder="vggsound",
        about="the list of 199,176 clips of 10 s, 309 classes; the clips you bring yourself",
        remote=RemoteFile(
            file_name="vggsound.csv",
            urls=("https://www.robots.ox.ac.uk/~vgg/data/vggsound/vggsound.csv",),
            num_bytes=8_000_000,
            license="CC BY 4.0 (the list; the videos have licences of their own)",
            citation="H. Chen et al., VGGSound: A Large-scale Audio-Visual Dataset, ICASSP 2020",
        ),
        read=read_vggsound,
    ),
}


def data_set(name: str) -> DataSet:
    """Return what is known of a data set.

    Raises
    ------
    SgimError
        When the name is none of `DATA_SETS`.
    """
    require_one_of("data set", name, tuple(DATA_SETS))
    return DATA_SETS[name]


def fetch(name: str, root: str | os.PathLike, *, progress: bool = True) -> Path:
    """Download and unpack a data set below `root`, unless it is there; return its folder.

    Raises
    ------
    SgimError
        When the name is unknown, the disk is too full, or the download fails; the sentence tells
        how to fetch the file by hand.
    """
    known, root = data_set(name), Path(root)
    folder = root / known.folder
    if known.remote.file_name.endswith(".csv"):
        download(known.remote, folder, progress=progress)
    elif not folder.exists():
        require_disk(root, 2 * known.remote.num_bytes + (1 << 28), f"{name} with its archive")
        archive = download(known.remote, root, progress=progress)
        unpack(archive, folder)
    return folder
