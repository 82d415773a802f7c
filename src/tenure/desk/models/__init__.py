"""Everything the desk keeps, one noun per file."""

from tenure.desk.models.audit import AuditEntry
from tenure.desk.models.person import Person, Role
from tenure.desk.models.touch import Opinion, Touch
from tenure.desk.models.view import MetricViews, View, ViewChain
from tenure.desk.models.week import Absence, Notice, PublishedWeek

__all__ = [
    "Absence",
    "AuditEntry",
    "MetricViews",
    "Notice",
    "Opinion",
    "Person",
    "PublishedWeek",
    "Role",
    "Touch",
    "View",
    "ViewChain",
]
