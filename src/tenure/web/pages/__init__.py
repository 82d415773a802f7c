"""A file per page: who asks, what the desk answers, which template shows it."""
