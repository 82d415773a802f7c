"""Everything the desk keeps, one noun per file."""

from tenure.desk.models.audit import AuditEntry
from tenure.desk.models.person import Person, Role
from tenure.desk.models.touch import Opinion, Touch
from tenure.desk.models.upload import State, Upload

__all__ = ["AuditEntry", "Opinion", "Person", "Role", "State", "Touch", "Upload"]
