"""A board's program for tests: the shipped loop, whose clock wraps as many ms after boot as its argument says."""

import sys

from app import App
from boards.emulated import Board

App(Board(first_ticks=(1 << 30) - int(sys.argv[1]))).run()
