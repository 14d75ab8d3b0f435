"""Totals among a sheet's records that do not say so."""
