"""Start: which board this is, then its loop."""

import sys

from app import App

if sys.platform == "rp2":
    from boards.pico import Board
else:
    from boards.emulated import Board

App(Board()).run()
