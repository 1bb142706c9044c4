"""Fitness functions about replicated tables."""
