"""Quantities, syringes and what an order means in them. The board knows only volumes, rates and limits; the rest is
known here."""
