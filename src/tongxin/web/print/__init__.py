"""Papers: typst documents, filled with data, as PDF."""
