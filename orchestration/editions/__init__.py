"""Editions that there are: their life, what they hold, the way back to cells, why figures moved."""
