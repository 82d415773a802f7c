"""How good a health score really is: told at past origins with what was known then, beside what is simpler."""
