"""What the renewals of a period will keep: a distribution that knows quarters differ beyond chance."""
