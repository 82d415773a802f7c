"""The health score: a risk learned from outcomes, or an opinion where there are too few, and why it is what it is."""
