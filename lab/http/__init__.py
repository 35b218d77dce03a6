"""What every emulator is made of, whatever it emulates: serving, journal, faults, clock, control interface."""
