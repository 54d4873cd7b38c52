"""The lab: an office PBX, its carriers, its phones, each a real Asterisk, and faults that are verbs.

Start with `lab.Lab` and README.md.
"""
