"""The migrations, as Django writes them."""
