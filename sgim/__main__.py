"""`python -m sgim`: see `sgim.cli`."""

import sys

from sgim.cli import main

for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(errors="backslashreplace")
sys.exit(main())
