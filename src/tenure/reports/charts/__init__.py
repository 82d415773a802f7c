"""Results as Vega-Lite specs: one function per chart, pure, with the numbers inside."""

from tenure.reports.charts.bubbles import Bubble, bubbles
from tenure.reports.charts.early import alert_leads, lead_curve
from tenure.reports.charts.metric import bins, distribution
from tenure.reports.charts.paths import account_path, path_before_churn
from tenure.reports.charts.ranges import calibration, coverage, forecast_ranges, funnel
from tenure.reports.charts.scores import contenders, quarters

__all__ = [
    "Bubble",
    "account_path",
    "alert_leads",
    "bins",
    "bubbles",
    "calibration",
    "contenders",
    "coverage",
    "distribution",
    "forecast_ranges",
    "funnel",
    "lead_curve",
    "path_before_churn",
    "quarters",
]
