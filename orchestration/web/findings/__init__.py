"""Findings, cases, decisions, rules: the pages."""
