"""The command that lists, fetches and checks data sets."""

import numpy as np
import soundfile
from command_line import run


def test_data_list_tells_size_and_licence(capsys):
    code, out, _ = run(capsys, "data", "list")
    assert code == 0
    assert any("urbansound8k" in line and "6.0 GB" in line for line in out)
    assert any("CC BY-NC" in line for line in out)


def test_data_check_counts_what_is_there(capsys, tmp_path):
    (tmp_path / "vggsound").mkdir()
    (tmp_path / "vggsound/vggsound.csv").write_text('abc,1,"rain","train"\nxyz,2,"fire","train"\n')
    soundfile.write(tmp_path / "vggsound/abc_000001.wav", np.ones(1600), 16_000)
    code, out, _ = run(capsys, "data", "check", "vggsound", "--folder", str(tmp_path))
    assert code == 0
    assert out == ["vggsound: 1 clips, 2 classes, 1 recordings, 1 folds, 1 missing"]


def test_data_fetch_asks_before_a_download(capsys, tmp_path):
    code, _, err = run(capsys, "data", "fetch", "urbansound8k", "--folder", str(tmp_path))
    assert code == 2 and "6.0 GB" in err[0] and "pass --yes" in err[-1]
    assert not list(tmp_path.iterdir())
    code, _, err = run(capsys, "data", "check", "esc51")
    assert code == 2 and "must be one of esc50" in err[0]
