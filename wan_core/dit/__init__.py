"""The Wan2.2 diffusion transformer."""
