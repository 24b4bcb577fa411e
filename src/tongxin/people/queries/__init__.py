"""Reads of the register. The shells use what stands in these modules and nothing else of it."""
