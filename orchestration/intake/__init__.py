"""From workbooks to rows with cell addresses; nothing is guessed and nothing is lost."""
