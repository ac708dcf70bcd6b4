"""The command line as a whole: exit codes, and one sentence for everything that goes wrong."""

import argparse
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
from command_line import run
from places import ROOT

from sgim.commands import cli, doctor


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify"],
        ["edit", "a.wav", "--seed", "-1"],
        ["edit", "a.wav", "--seed", "x"],
        ["sing"],
    ],
)
def test_wrong_arguments_exit_with_two(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    (complaint,) = capsys.readouterr().err.splitlines()
    assert stop.value.code == 2 and complaint.startswith("sgim: ") and "--help`." in complaint


def test_alone_it_lists_its_commands(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([])
    listed = capsys.readouterr().out
    assert stop.value.code == 0
    for name in ("edit", "animate", "classify", "doctor"):
        assert re.search(rf"^    {name} ", listed, re.MULTILINE), name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["edit", "a.wav", "--stpes", "3"], "--stpes is not understood; the nearest is --steps;"),
        (["eddit"], "'eddit' is none of demo, edit, .*; the nearest is edit; see `sgim --help`"),
        (["bench", "edt"], "the nearest is edit; see `sgim bench --help`"),
        (["train", "recordings", "esc5", "x"], "the nearest is esc50; see `sgim train recordings"),
        (["doctor", "now"], "now is not understood; see `sgim doctor --help`"),
        (["classify", "--xyzzy=1", "a.wav"], "--xyzzy is not understood; see"),
    ],
)
def test_the_nearest_known_word_is_named(capsys, arguments, words):
    with pytest.raises(SystemExit):
        cli.main(arguments)
    assert re.search(words, capsys.readouterr().err)


def parsers(parser):
    """A parser and those of all its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from parsers(inner)


def test_help_tells_what_every_option_is_and_fits_a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    for parser in parsers(cli.build_parser()):
        for line in parser.format_help().splitlines():
            assert len(line) <= 100, f"{parser.prog}: {line}"
        for action in parser._actions:
            if not isinstance(action, argparse._SubParsersAction):
                assert action.help, f"{parser.prog}: {action.dest} has no help"


def test_an_interrupt_ends_quietly(capsys, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "run_doctor", interrupt)
    assert run(capsys, "doctor") == (130, [], [])


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_a_full_memory_is_told_in_one_sentence(capsys, monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(doctor, "run_doctor", fail)
    code, lines, (complaint,) = run(capsys, "doctor")
    assert code == 2 and lines == [] and "the memory is full" in complaint


def test_a_mistake_of_the_program_is_not_hidden(capsys, monkeypatch):
    def fail():
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(doctor, "run_doctor", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        cli.main(["doctor"])


def test_help_does_not_wait_for_torch():
    script = (
        "import sys; from sgim.commands.cli import build_parser; build_parser().format_help(); "
        "sys.exit(bool({'torch', 'numpy', 'PIL', 'tqdm', 'requests'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_module_runs_and_bad_input_has_no_traceback():
    command = [sys.executable, "-m", "sgim", "edit", "missing.wav", "--out", "no_folder/a.png"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "sgim: no_folder does not exist; make the folder first or name another.\n"


def test_the_console_command_is_the_module():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (target,) = re.findall(r'^\[project.scripts\]\nsgim = "([^"]+)"$', project, re.MULTILINE)
    entry = EntryPoint("sgim", target, "console_scripts")
    assert entry.load() is sys.modules["sgim.__main__"].main


@pytest.mark.parametrize(
    "start", [["-m", "sgim"], ["-c", "import sys, sgim.__main__; sys.exit(sgim.__main__.main())"]]
)
def test_names_that_the_terminal_cannot_show_are_escaped(start):
    done = subprocess.run(
        [sys.executable, *start, "edit", "a.wav", "--out", "wörld/a.png"],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(rb"sgim: w\xf6rld does not exist")


def test_a_reader_that_leaves_early_is_no_error():
    script = (
        "import sys, sgim.commands.cli, sgim.commands.doctor\n"
        "sgim.commands.doctor.run_doctor = lambda: print('word ' * 100_000)\n"
        "sys.exit(sgim.commands.cli.main(['doctor']))"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


DOCTOR_THAT_PRINTS = (
    "import sys, sgim.commands.cli, sgim.commands.doctor\n"
    "sgim.commands.doctor.run_doctor = lambda: print('caf\\udce9 \u2192', flush=True) or 0\n"
    "sys.exit(sgim.commands.cli.main(['doctor']))"
)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_any_file_name_can_be_printed(encoding):
    command = [sys.executable, "-c", DOCTOR_THAT_PRINTS]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout.startswith(b"caf\\udce9 ")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_command_without_stdout_and_stderr_works(closed):
    for words in (["-c", DOCTOR_THAT_PRINTS], ["-m", "sgim", "--help"]):
        command = f"{shlex.join([sys.executable, *words])} {closed}"
        assert subprocess.run(command, shell=True, check=False).returncode == 0
