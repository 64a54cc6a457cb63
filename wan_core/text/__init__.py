"""Words to embeddings: cleaning, tokens, the UMT5 encoder. transformers is loaded on first use."""
