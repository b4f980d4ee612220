"""Benchmarks: figures as ratios within one run, never a time that a test would assert."""
