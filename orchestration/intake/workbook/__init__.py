"""Bytes of a hostile file → sheets of cells as they were typed."""
