"""The billing quantum: card intake, payment job, relay, and an API for its operators."""
