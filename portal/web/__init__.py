"""Pages of the frame itself: offices, people, roles, tokens, the audit log, set-up."""
