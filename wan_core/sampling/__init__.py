"""The way from noise to a latent: sigmas, steps, guidance."""
