"""Incidents 事件: understanding a report, and finding the happening it belongs to."""
