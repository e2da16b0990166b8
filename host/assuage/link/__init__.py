"""One board at the other end of a serial line: its port, its clock, the conversation with it."""
