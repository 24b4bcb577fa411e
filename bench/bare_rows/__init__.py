"""The table of the bare views."""
