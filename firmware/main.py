"""Start: which board this is, then its loop."""

import gc
import sys

gc.threshold(8192)  # while modules load, tidied up often, so that what stays is not strewn over the whole heap

from app import App  # noqa: E402

if sys.platform == "rp2":
    from boards.pico_signs import chosen as Board
else:
    from boards.emulated import Board

app = App(Board())
gc.threshold(-1)  # from here on the loop says when
app.run()
