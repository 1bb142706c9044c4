"""``pytest quanta.yaml``: one test for every fitness function and subject."""
