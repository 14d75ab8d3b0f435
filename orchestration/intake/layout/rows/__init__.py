"""Sheets of rows: their records, the rows that are none, merged categories, what stands around."""
