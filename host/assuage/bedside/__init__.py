"""One bed: what is known of its board, pump and patient, and the orders that go to it."""
