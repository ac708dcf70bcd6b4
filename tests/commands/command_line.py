"""A command as someone types it, and what it says."""

from sgim.commands import cli


def run(capsys, *arguments):
    """Exit code, lines on stdout, lines on stderr."""
    code = cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.out.splitlines(), told.err.splitlines()
