"""What every page is built with: its visitor, its template, its answer."""
