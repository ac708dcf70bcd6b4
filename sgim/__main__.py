"""`python -m sgim`: see `sgim.commands.cli`."""

import sys

from sgim.commands.cli import main

for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(errors="backslashreplace")
sys.exit(main())
