"""The customer quantum: API, inbox, relay and notification."""
