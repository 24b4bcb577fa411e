"""The verbs of the register and of signing in."""
