"""The notebook's door: `Workspace` wires facts, lake and metrics together, without a server.

Does not promise privacy between people: who can read the folder can read what is in it (rulings C27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tenure.facts.table import table
from tenure.kernel import clock
from tenure.kernel.errors import UnknownName, UserError
from tenure.kernel.settings import FILE, Settings, load_settings
from tenure.lake import snapshots
from tenure.lake.compact import RETENTION_DAYS, Compaction, compact
from tenure.lake.damage import Complaint
from tenure.lake.doctor import doctor as examine
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.views import Reading as LakeReading
from tenure.lake.freshness import DataSpan, data_span
from tenure.lake.identities import Same
from tenure.lake.lake import Lake
from tenure.metrics.answer import Answer
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import Catalogue, Metric
from tenure.metrics.explain import Explanation, explain
from tenure.metrics.own import catalogue_of
from tenure.metrics.questions import Day, Defaults, Span, ask, day_of
from tenure.metrics.reading import Reading
from tenure.workspace.feeds import WithFeeds
from tenure.workspace.flags import WithFlags
from tenure.workspace.forecasting import WithForecast
from tenure.workspace.history import WithHistory
from tenure.workspace.importing import WithImports
from tenure.workspace.keeping import Keeping
from tenure.workspace.leads import WithLeads
from tenure.workspace.matching import WithMatching
from tenure.workspace.people import WithPeople
from tenure.workspace.present import WithPresent
from tenure.workspace.quarantine import WithQuarantine
from tenure.workspace.scores import WithScores
from tenure.workspace.signals import WithSignals
from tenure.workspace.sources import WithSources
from tenure.workspace.usage import WithUsage

Progress = Callable[[str, float], None]


@dataclass(slots=True)
class Workspace(
    WithImports,
    WithQuarantine,
    WithSources,
    WithMatching,
    WithFeeds,
    WithHistory,
    WithSignals,
    WithScores,
    WithForecast,
    WithUsage,
    WithFlags,
    WithLeads,
    WithPresent,
    WithPeople,
):
    """One company's facts and the numbers over them.

    Example:
        ws = Workspace.create("acme", reporting_currency="USD")
        ws.import_folder("exports")
        ws.metric("nrr", start="2025-01-01", end="2026-01-01").value
    """

    folder: Path
    settings: Settings
    lake: Lake
    pinned: int | None = None
    _kept: dict[Any, Computed] = field(default_factory=dict, repr=False)
    _newest: snapshots.Snapshot | None = field(default=None, repr=False)
    _keeping: Keeping | None = field(default=None, repr=False)
    _told: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def create(cls, folder: str | Path, **settings: Any) -> Workspace:
        """A new workspace in `folder`, which is made if needed.

        Args:
            folder: an empty or new folder; nothing in it is overwritten.
            **settings: `title`, `reporting_currency` (default USD), `time_zone` (default UTC), `gross_margin`,
                `business_model`.

        Raises:
            UserError: the folder already holds a workspace, or a setting is wrong.
        """
        path = Path(folder)
        if (path / FILE).exists():
            raise UserError(
                f"`{path}` already holds a workspace.",
                remedy="Open it, or choose another folder.",
                code="workspace.exists",
            )
        wanted = _settings(settings)
        lake = Lake.create(path)
        (path / "catalogue").mkdir(exist_ok=True)
        (path / FILE).write_text(wanted.text(), encoding="utf-8")
        return cls(path, wanted, lake)

    @classmethod
    def open(cls, folder: str | Path, snapshot: int | None = None) -> Workspace:
        """The workspace in `folder`, at its newest snapshot or at an earlier one.

        Raises:
            UserError: no workspace there, or no such snapshot.
        """
        path = Path(folder)
        if not (path / FILE).exists():
            raise UserError(
                f"There is no workspace in `{path}`.",
                remedy=f"Create one with `tenure init {path}`, or name the folder that holds `{FILE}`.",
                code="workspace.absent",
            )
        lake = Lake.open(path)
        if snapshot is not None:
            snapshots.at(lake, snapshot)
        return cls(path, load_settings(path), lake, snapshot)

    def _forget(self) -> None:
        for computed in self._kept.values():
            self._facts_of(computed).engine.close()
        self._kept.clear()
        self._told.clear()

    def metric(
        self,
        id: str,  # noqa: A002 - the public name of a metric's name
        *,
        start: Day = None,
        end: Day = None,
        period: str | None = None,
        as_of: Day = None,
        as_known_on: Day = None,
        by: str | None = None,
        where: Mapping[str, Any] | Iterable[str] | None = None,
        **parameters: Any,
    ) -> Answer:
        """One metric's answer.

        Args:
            id: a metric's id or short name, see `metrics()`.
            start: first day of the period.
            end: first day AFTER the period.
            period: instead of both, `2026`, `2026-Q1` or `2026-03`.
            as_of: the day asked about, end of day; today in the workspace's time zone by default.
            as_known_on: read only what was known at the end of that day; everything by default.
            by: a cut the metric lists, such as `csm` or `segment`.
            where: account columns and the values to keep, such as `{"segment": "smb"}`.
            **parameters: the metric's own parameters, and `reporting_currency`.

        Raises:
            UnknownName: no such metric, cut, parameter or choice; near misses are named.
            UserError: a day or period that cannot be read.
        """
        declared, preset = self.catalogue.find(id)
        component = str(preset.pop("component", ""))
        asked = ask(
            declared,
            Span(start, end, period, as_of, as_known_on),
            by=by if by is not None else preset.pop("by", None),
            where=where,
            given={name: value for name, value in preset.items() if name != "by"} | parameters,
            defaults=self.defaults,
        )
        where_from = self._computed(asked.as_known_on, asked.reporting_currency)
        self._facts_of(where_from).engine.expect((*declared.needs, *declared.reads))
        return compute(declared, asked, where_from, component=component)

    def explain(self, id: str, *, limit: int = 40, **asked: Any) -> Explanation:  # noqa: A002
        """The chain behind a metric's answer: sentence, formula, parts, method, and each source row's file and line.

        Takes what `metric` takes; `str()` of it is the text, `to_dict()` the data.
        """
        answer = self.metric(id, **asked)
        declared, _ = self.catalogue.find(id)
        where_from = self._computed(
            day_of(asked.get("as_known_on")), str(answer.method["reporting_currency"])
        )
        return explain(declared, answer, where_from.reading, limit=limit)

    def metrics(self) -> list[Metric]:
        """Every metric's declaration, by question and id."""
        return list(self.catalogue)

    @property
    def catalogue(self) -> Catalogue:
        """The shipped metrics with the workspace's own and its presets; read again only when a file changed.

        `broken` names the files that do not load; asking for such a metric raises what is wrong with it.
        """
        return catalogue_of(self.folder)

    @property
    def defaults(self) -> Defaults:
        """What the workspace answers when a question leaves something out."""
        return Defaults(
            today=clock.today(self.settings.time_zone),
            reporting_currency=self.settings.reporting_currency,
            gross_margin=self.settings.gross_margin,
        )

    def computed(self, as_known_on: date | None = None) -> Computed:
        """The facts as known at the end of a day (None: all that was recorded), kept with what is derived of them."""
        return self._computed(as_known_on, self.settings.reporting_currency)

    @contextmanager
    def _known_once(self, day: date) -> Iterator[Computed]:
        """The facts as known at the end of a day that is not asked about again: nothing of them stays open."""
        found = self._opened(self.snapshot, day, self.settings.reporting_currency)
        found.reading.catalogue = self.catalogue
        with self._facts_of(found).engine:
            yield found

    @contextmanager
    def _as_one(self, same: Same) -> Iterator[Computed]:
        """The facts with these ids read as one, in place of those that are; nothing of it stays open."""
        found = self._opened(self.snapshot, None, self.settings.reporting_currency, same)
        found.reading.catalogue = self.catalogue
        with self._facts_of(found).engine:
            yield found

    @property
    def snapshot(self) -> snapshots.Snapshot:
        """The snapshot that questions read now."""
        if self.pinned is None:
            self._newest = snapshots.newest(self.lake, self._newest)
            return self._newest
        if self._newest is None:  # a snapshot never changes
            self._newest = snapshots.at(self.lake, self.pinned)
        return self._newest

    def data_span(self) -> DataSpan:
        """The first and last day of what has happened, and when the newest import ended."""
        done = self.imports()
        found = data_span(self.facts().engine, max((s.loaded_at for s in done), default=None))
        if found.last is not None:
            return found
        # Only tables that also hold plans: what they say of days to come is no news.
        spans = [s.span for s in done if s.span is not None and s.span[0] <= self.defaults.today]
        return DataSpan(
            min((first for first, _ in spans), default=None),
            max((min(last, self.defaults.today) for _, last in spans), default=None),
            found.loaded_at,
        )

    def names_of(self, table_name: str) -> dict[str, str]:
        """The names of accounts or team members by id, as far as they have been delivered."""
        facts = self.facts()
        if table_name not in facts.tables():
            return {}
        key = table(table_name).key[0]
        return {id_: name for id_, name in facts.rows(table_name, [key, "name"]) if name}

    def doctor(self) -> list[Complaint]:
        """What is wrong with the store and the catalogue, with remedies; what can be mended safely is mended on the way.

        Raises:
            LakeError: damage that must not be worked around, with the way to restore.
        """
        self._forget()
        broken = [
            Complaint("metric.broken", f"{b.where}: {b.what} `{b.id}` has no answer.", b.remedy)
            for b in self.catalogue.broken.values()
        ]
        return [*examine(self.lake), *broken]

    def compact(self, *, retention_days: int = RETENTION_DAYS) -> Compaction:
        """Join small files and remove those that no snapshot younger than the retention needs."""
        self._forget()
        return compact(self.lake, retention_days=retention_days)

    def facts(self, as_known_on: date | None = None) -> CurrentRows:
        """Current rows of every table, as known at the end of a day (None: all that was recorded)."""
        return self._facts_of(self._computed(as_known_on, self.settings.reporting_currency))

    @staticmethod
    def _facts_of(computed: Computed) -> CurrentRows:
        found = computed.source
        assert isinstance(found, CurrentRows)  # noqa: S101 - `_computed` makes nothing else
        return found

    def _computed(self, as_known_on: date | None, currency: str) -> Computed:
        snapshot = self.snapshot
        key = (snapshot.number, as_known_on, currency)
        if key not in self._kept:
            self._kept[key] = self._opened(snapshot, as_known_on, currency)
        self._kept[key].reading.catalogue = self.catalogue  # a file may have changed since
        return self._kept[key]

    def _opened(
        self,
        snapshot: snapshots.Snapshot,
        as_known_on: date | None,
        currency: str,
        same: Same | None = None,
    ) -> Computed:
        trusted = {
            name: s.backfill_trusted
            for name, s in self.settings.sources.items()
            if s.backfill_trusted is not None
        }
        instant = self._instant(as_known_on)
        engine = Engine(self.lake, snapshot, reading=LakeReading(instant, trusted), same=same)
        source = CurrentRows(engine, snapshot.number, self._delivered_by(instant))
        return Computed(source, Reading(source, currency, self.settings.time_zone))

    def _delivered_by(self, instant: datetime | None) -> frozenset[str] | None:
        """The tables that imports before the instant brought; None: no instant was named."""
        if instant is None:
            return None
        return frozenset(t for s in self.imports() if s.loaded_at < instant for t in s.tables)

    def _instant(self, day: date | None) -> datetime | None:
        """The first instant after the civil day, in UTC."""
        if day is None:
            return None
        zone = ZoneInfo(self.settings.time_zone)
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _settings(given: Mapping[str, Any]) -> Settings:
    """Settings from keywords, checked as the file would be."""
    known = set(Settings.__dataclass_fields__)
    for name in given:
        if name not in known:
            raise UnknownName("setting", name, known)
    return Settings(**given)
