"""Everything the desk keeps, one noun per file."""

from tenure.desk.models.audit import AuditEntry
from tenure.desk.models.entered import Entered
from tenure.desk.models.hold import Hold
from tenure.desk.models.person import Person, Role
from tenure.desk.models.touch import Opinion, Touch

__all__ = ["AuditEntry", "Entered", "Hold", "Opinion", "Person", "Role", "Touch"]
