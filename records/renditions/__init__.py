"""Conversations in the formats of other products."""
