"""Second computations: they share no code with Tenure and import nothing from it."""
