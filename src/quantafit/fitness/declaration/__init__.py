"""Fitness functions about the declaration itself: its references and its exemptions."""
