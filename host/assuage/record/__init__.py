"""The clinical record of a bed: append-only, every entry chained to the one before it by its hash."""
