"""Signing in and managing accounts: the pages."""
