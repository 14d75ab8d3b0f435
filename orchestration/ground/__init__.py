"""What every other room stands on: where things lie, the clock, the ledger."""
