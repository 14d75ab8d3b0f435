"""Editions, signatures, traces: the pages."""
