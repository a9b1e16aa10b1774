"""What leads to pages: the menu with its counts, and the pages and actions that the command palette finds."""
