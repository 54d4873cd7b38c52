"""Figures: `make bench`. Prints a table and JSON; asserts nothing. Ratios are within one run, since machines differ."""
