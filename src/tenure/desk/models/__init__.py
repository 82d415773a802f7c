"""Everything the desk keeps, one noun per file."""

from tenure.desk.models.audit import AuditEntry
from tenure.desk.models.person import Person, Role

__all__ = ["AuditEntry", "Person", "Role"]
