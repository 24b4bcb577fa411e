"""Django's backend for PostgreSQL with a cheaper way to see whether a kept connection still works."""
