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
from tenure.desk.models.view import MetricViews, View, ViewChain
from tenure.desk.models.week import Absence, Notice, PublishedWeek

__all__ = [
    "Absence",
    "AuditEntry",
    "Entered",
    "Hold",
    "MetricViews",
    "Move",
    "Notice",
    "OneTimeLink",
    "Opinion",
    "Person",
    "PublishedWeek",
    "Role",
    "SavedView",
    "State",
    "Touch",
    "Upload",
    "View",
    "ViewChain",
]
