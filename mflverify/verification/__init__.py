"""Runs: from a folder of proofs to a ledger."""
