"""Everything the desk keeps, one noun per file."""

from tenure.desk.models.audit import AuditEntry
from tenure.desk.models.entered import Entered
from tenure.desk.models.hold import Hold
from tenure.desk.models.move import Move
from tenure.desk.models.one_time_link import OneTimeLink
from tenure.desk.models.person import Person, Role
from tenure.desk.models.saved_view import SavedView
from tenure.desk.models.touch import Opinion, Touch
from tenure.desk.models.upload import State, Upload

__all__ = [
    "AuditEntry",
    "Entered",
    "Hold",
    "Move",
    "OneTimeLink",
    "Opinion",
    "Person",
    "Role",
    "SavedView",
    "State",
    "Touch",
    "Upload",
]
