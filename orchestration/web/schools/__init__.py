"""Schools, their files and deadlines: the pages."""
