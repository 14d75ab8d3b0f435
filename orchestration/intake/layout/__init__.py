"""Where on a sheet the form's columns stand, and what became of every other cell."""
