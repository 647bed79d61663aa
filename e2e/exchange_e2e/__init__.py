"""Drills against the real exchange: what it promises about events and letters, while servers and programs die."""
