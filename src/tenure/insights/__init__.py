"""What teams ask of the numbers: what coverage is worth, what a caseload can carry, how a book did for such a book.

Every question is a function on a plain table; `renewals` makes that table of a workspace's facts. Imports the
standard library, numpy, scipy, tenure.kernel, tenure.metrics and tenure.signals. Does not promise that what goes
together is cause and effect, and ranks nobody.
"""

from tenure.insights.caseload import Caseload, caseload_line
from tenure.insights.coverage import coverage_delta
from tenure.insights.coverage_result import CoverageDelta
from tenure.insights.portfolio import Book, Funnel, csm_funnel
from tenure.insights.renewals import Renewals, coverage_before_renewal, renewal_table

__all__ = [
    "Book",
    "Caseload",
    "CoverageDelta",
    "Funnel",
    "Renewals",
    "caseload_line",
    "coverage_before_renewal",
    "coverage_delta",
    "csm_funnel",
    "renewal_table",
]
