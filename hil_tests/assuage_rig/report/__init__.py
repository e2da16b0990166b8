"""What a run of the bench leaves behind for people: one page, and files that other tools open."""
