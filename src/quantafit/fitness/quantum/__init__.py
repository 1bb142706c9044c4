"""Fitness functions about what couples one quantum to another."""
