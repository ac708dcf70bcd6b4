"""Benchmarks as they are published, made up: short tones and noises of which any ear is sure."""

import csv

import numpy as np
import soundfile

RATE = 16_000
HERTZ = {"dog": 300.0, "rain": None, "siren": 2_500.0}
"""What a label sounds like; rain is noise."""


def write_sound(path, label, seed, seconds=0.4):
    """A wav file of a label; every seed is another recording."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    sound = random.standard_normal(len(time))
    if HERTZ[label]:
        pitch = HERTZ[label] * random.uniform(0.9, 1.1)
        sound = np.sin(2 * np.pi * pitch * time) + 0.05 * sound
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.2 * sound / np.abs(sound).max(), RATE)


def esc10_folder(folder, folds=3, takes=2):
    """ESC-10 as first published: a folder per class, the fold before the recording's number."""
    labels = {"001 - Dog bark": "dog", "002 - Rain": "rain", "003 - Siren": "siren"}
    for place, (name, label) in enumerate(labels.items()):
        for fold in range(1, folds + 1):
            number = 100 * place + fold
            for take in "ABCD"[:takes]:
                write_sound(
                    folder / name / f"{fold}-{number}-{take}.wav", label, number + ord(take)
                )
    return folder


def esc50_folder(folder, delimiter=",", suffix=".wav"):
    """ESC-50: a table and one folder of clips; its words may say what the mini world knows."""
    rows = []
    for place, (name, label) in enumerate((("dog", "dog"), ("rain", "rain"), ("wind", "siren"))):
        for fold in (1, 2, 3):
            file = f"{fold}-{10 * place + fold}-A-{place}.wav"
            write_sound(folder / "audio" / file.replace(".wav", suffix), label, 10 * place + fold)
            rows.append((file, fold, place, name, place < 2, 10 * place + fold))
    _write(
        folder / "meta/esc50.csv",
        ("filename", "fold", "target", "category", "esc10", "src_file"),
        rows,
        delimiter,
    )
    return folder


def urbansound_folder(folder, folds=3):
    """UrbanSound8K: a folder per fold, two slices of each recording."""
    rows = []
    for place, (name, label) in enumerate((("dog_bark", "dog"), ("siren", "siren"))):
        for fold in range(1, folds + 1):
            for cut in (0, 1):
                number = 1000 * place + fold
                file = f"{number}-{place}-0-{cut}.wav"
                write_sound(folder / f"audio/fold{fold}" / file, label, number + 7 * cut)
                rows.append((file, number, fold, place, name))
    columns = ("slice_file_name", "fsID", "fold", "classID", "class")
    _write(folder / "metadata/UrbanSound8K.csv", columns, rows, ",")
    return folder


def vggsound_folder(folder):
    """VGG-Sound: the list without a head, and those clips that somebody has."""
    rows = []
    for label in ("dog", "siren"):
        for number in range(5):
            video, split = f"{label}_{number:07d}", "test" if number == 4 else "train"
            rows.append((video, 30, f"{label} sound", split))
            write_sound(folder / "clips" / f"{video}_000030.wav", label, number)
    rows.append(("gone", 10, "rain sound", "test"))
    _write(folder / "vggsound.csv", None, rows, ",")
    return folder


def own_folder(folder, recordings=3):
    """A folder of one's own: rain/0.wav."""
    for label in ("dog", "rain"):
        for number in range(recordings):
            write_sound(folder / label / f"{number}.wav", label, number)
    return folder


def _write(path, head, rows, delimiter):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([*([head] if head else []), *rows])
