"""Fitness functions about which data may rest where."""
