"""A question, a run, one line of JSON."""
