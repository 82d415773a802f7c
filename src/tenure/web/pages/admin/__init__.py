"""Pages of the administrator: people, sign-in, settings, the trail. Nothing of a customer stands on them."""
