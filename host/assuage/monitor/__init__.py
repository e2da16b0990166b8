"""The monitor: one page that shows a bed live, and the API behind it. `app.build` makes the web application."""
