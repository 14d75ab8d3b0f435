"""SQL over what is published: the pages."""
