"""What a human finds at the bedside: scales, when they are due, and what follows from them. All numbers are data."""
