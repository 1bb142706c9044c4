"""Fitness functions about how messages between quanta are kept and handed over."""
