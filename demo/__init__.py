"""The product to play with: a lab office whose Telekom trunk can be cut, and the router that watches it.

`make demo`, or `python -m demo` where the set-up is done.
"""
