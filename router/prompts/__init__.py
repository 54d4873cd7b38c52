"""What a called mobile, a caller and a desk phone hear: short sentences, made once as sound files for Asterisk.

`sentences` is the table of what is said, `voice` speaks a sentence into a file, `making` lays the files where Asterisk
plays them and keeps what somebody recorded, `places` finds that place and says what is missing there.
"""
