"""The command line, `sgim COMMAND` or `python -m sgim COMMAND`; nothing imports it.

words typed -> the rooms below -> lines on stdout, one sentence on stderr, an exit code.
"""
