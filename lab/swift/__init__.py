"""The lab's object storage: real OpenStack Swift, all in one, on the loopback, with tempauth as the seed has it."""
