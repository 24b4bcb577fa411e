"""Files into the register: staged, checked, previewed, then written whole or not at all. See README.md."""
