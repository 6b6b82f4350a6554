"""Benches that make the figures of the documentation, one module each, run by one command."""
