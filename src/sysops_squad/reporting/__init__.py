"""The reporting quantum: surveys."""
