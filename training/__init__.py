"""How the shipped model is made: a world drawn by us, captions for it, and the three networks' training."""
