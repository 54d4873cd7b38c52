"""What decides: facts in, effects out. No clock, no await, no log, no I/O."""
