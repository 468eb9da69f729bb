"""Text in tables of Markdown."""


def cell(text: str) -> str:
    """The text as one cell of a table, on one line."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("\n", " ")
