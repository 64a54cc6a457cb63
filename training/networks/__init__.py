"""The three networks as training wants them: whole sequences, batches, official key names."""
