"""Pure building blocks. Nothing here knows Django or a database."""
