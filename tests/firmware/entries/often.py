"""A board's program for tests: the shipped loop of a board at a bed, whose cuff measures every minute."""

from app import App
from boards.bedside import DATA
from boards.emulated import Board

DATA["cuff"]["every"] = 1
App(Board()).run()
