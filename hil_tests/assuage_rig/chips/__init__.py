"""Emulated parts, one a file, each answering at the level at which the firmware speaks to it."""
