"""Sheets of labelled cells: where labels stand, which cell is the value, what else is there."""
