"""Sysops Squad: a running system that keeps ADR-5, "Extract the customer architectural quantum"."""
