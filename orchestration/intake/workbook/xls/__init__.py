"""A legacy .xls, as a person sees it."""
