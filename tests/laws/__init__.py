"""Laws: what must hold for every company, whatever its numbers are."""
