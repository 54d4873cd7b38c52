"""Sets up a Debian machine for the demo or the tests: only what is missing, as much at once as can be.

    python3 -m tests.setup demo|test|bench|dev

Plain Python 3.11 and root are all it needs; nothing here imports what it is about to install.
"""
