"""What is charted at the bedside: assessments and doses by hand, what is due, and what it all comes to in the blood."""
