"""Editions come about here: written whole as a folder, and made again byte for byte."""
