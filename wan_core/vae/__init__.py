"""The Wan2.2 video autoencoder."""
