"""What `make demo` shows beside the commands that an operator types."""
