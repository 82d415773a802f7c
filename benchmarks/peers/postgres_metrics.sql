-- The method of "Fighting Churn with Data" (Gold, 2020), chapters 3 and 7, in our own words: every metric is one
-- insert into metric(account_id, metric_time, metric_name, metric_value), joining the days measured with the events
-- of the window before each; ratios are made from metrics stored before. An account without events in a window has no
-- row. `-- NAME` begins a metric; those in brackets are steps to another.

-- [seats]
insert into metric
select account_id, d.metric_time, 'seats', sum(quantity)
from subscription s join date_vals d on s.start_date <= d.metric_time and (s.end_date is null or s.end_date > d.metric_time)
where unit = 'seat'
group by account_id, d.metric_time;

-- [lifetime]
insert into metric
select account_id, d.metric_time, 'lifetime', d.metric_time - first_event
from (select account_id, min(event_time) as first_event from event group by account_id) f
join date_vals d on f.first_event <= d.metric_time;

-- active_user_pct__active_users
insert into metric
select e.account_id, d.metric_time, 'active_user_pct__active_users', count(distinct e.user_id)
from event e join date_vals d on e.event_time between d.metric_time - 27 and d.metric_time
left join account_user u on u.user_id = e.user_id
where e.event_count > 0 and u.is_internal is not true and (u.removed_date is null or u.removed_date > d.metric_time)
group by e.account_id, d.metric_time;

-- active_user_pct
insert into metric
select account_id, metric_time, 'active_user_pct', coalesce(n.metric_value, 0) / m.metric_value
from metric m left join (select * from metric where metric_name = 'active_user_pct__active_users') n
  using (account_id, metric_time)
where m.metric_name = 'seats';

-- [power_users]
insert into metric
select account_id, metric_time, 'power_users', count(*)
from (
  select e.account_id, d.metric_time, e.user_id
  from event e join date_vals d on e.event_time between d.metric_time - 27 and d.metric_time
  left join account_user u on u.user_id = e.user_id
  where e.event_count > 0 and u.is_internal is not true and (u.removed_date is null or u.removed_date > d.metric_time)
  group by e.account_id, d.metric_time, e.user_id
  having count(distinct e.event_time) >= 8
) p
group by account_id, metric_time;

-- power_user_pct
insert into metric
select account_id, metric_time, 'power_user_pct', coalesce(n.metric_value, 0) / m.metric_value
from metric m left join (select * from metric where metric_name = 'power_users') n using (account_id, metric_time)
where m.metric_name = 'seats';

-- cross_functional_usage
insert into metric
select e.account_id, d.metric_time, 'cross_functional_usage', count(distinct u.department)
from event e join date_vals d on e.event_time between d.metric_time - 27 and d.metric_time
left join account_user u on u.user_id = e.user_id
where e.event_count > 0 and u.is_internal is not true and (u.removed_date is null or u.removed_date > d.metric_time)
group by e.account_id, d.metric_time;

-- cross_functional_usage__unknown_department_users
insert into metric
select e.account_id, d.metric_time, 'cross_functional_usage__unknown_department_users', count(distinct e.user_id)
from event e join date_vals d on e.event_time between d.metric_time - 27 and d.metric_time
left join account_user u on u.user_id = e.user_id
where e.event_count > 0 and u.is_internal is not true and (u.removed_date is null or u.removed_date > d.metric_time)
  and u.department is null
group by e.account_id, d.metric_time;

-- [advanced_bought]
insert into metric
select s.account_id, d.metric_time, 'advanced_bought', count(distinct f.event_type)
from subscription s join date_vals d on s.start_date <= d.metric_time and (s.end_date is null or s.end_date > d.metric_time)
join event_type f on f.product_id = s.product_id
where f.level = 'advanced'
group by s.account_id, d.metric_time;

-- [advanced_used]
insert into metric
select account_id, metric_time, 'advanced_used', count(*)
from (
  select e.account_id, d.metric_time, e.event_type
  from event e join date_vals d on e.event_time between d.metric_time - 27 and d.metric_time
  join event_type f on f.event_type = e.event_type
  where f.level = 'advanced' and exists (
    select from subscription s
    where s.account_id = e.account_id and s.product_id = f.product_id
      and s.start_date <= d.metric_time and (s.end_date is null or s.end_date > d.metric_time)
  )
  group by e.account_id, d.metric_time, e.event_type
  having sum(e.event_count) >= 5
) used
group by account_id, metric_time;

-- feature_adoption_depth
insert into metric
select account_id, metric_time, 'feature_adoption_depth', coalesce(n.metric_value, 0) / m.metric_value
from metric m left join (select * from metric where metric_name = 'advanced_used') n using (account_id, metric_time)
where m.metric_name = 'advanced_bought';

-- [events]
insert into metric
select e.account_id, d.metric_time, 'events', sum(e.event_count)
from event e join date_vals d on e.event_time between d.metric_time - 27 and d.metric_time
group by e.account_id, d.metric_time;

-- [events_before]
insert into metric
select e.account_id, d.metric_time, 'events_before', sum(e.event_count)
from event e join date_vals d on e.event_time between d.metric_time - 55 and d.metric_time - 28
group by e.account_id, d.metric_time;

-- usage_trend__absolute_change
insert into metric
select account_id, metric_time, 'usage_trend__absolute_change', coalesce(n.metric_value, 0) - coalesce(b.metric_value, 0)
from metric m
left join (select * from metric where metric_name = 'events') n using (account_id, metric_time)
left join (select * from metric where metric_name = 'events_before') b using (account_id, metric_time)
where m.metric_name = 'lifetime';

-- usage_trend
insert into metric
select account_id, metric_time, 'usage_trend', n.metric_value / b.metric_value
from metric b join (select * from metric where metric_name = 'usage_trend__absolute_change') n using (account_id, metric_time)
where b.metric_name = 'events_before' and b.metric_value > 0;

-- [weeks]
create unlogged table week_events as
select e.account_id, w.week, sum(e.event_count) as events
from event e join (
  select generate_series(min(date_trunc('week', metric_time + 1)) - interval '84 days', max(metric_time), '7 days')::date as week
  from date_vals
) w on e.event_time between w.week and w.week + 6
group by e.account_id, w.week;

-- [weeks_lived]
create unlogged table week_lived as
select account_id, d.metric_time, coalesce(e.events, 0) as events
from date_vals d
cross join generate_series(1, 12) back
cross join lateral (select date_trunc('week', d.metric_time + 1)::date - 7 * back as week) w
join account a on a.start_date <= w.week
left join week_events e using (account_id, week);

-- usage_consistency
insert into metric
select account_id, metric_time, 'usage_consistency', stddev_pop(w.events) / avg(w.events)
from week_lived w join (select * from metric where metric_name = 'lifetime') m using (account_id, metric_time)
group by account_id, metric_time having count(*) >= 4 and sum(w.events) > 0;

-- usage_consistency__active_week_share
insert into metric
select account_id, metric_time, 'usage_consistency__active_week_share', avg((w.events > 0)::int)
from week_lived w join (select * from metric where metric_name = 'lifetime') m using (account_id, metric_time)
group by account_id, metric_time having count(*) >= 4;

-- [assigned_users]
insert into metric
select account_id, d.metric_time, 'assigned_users', count(distinct user_id)
from account_user u join date_vals d
  on u.assigned_date <= d.metric_time and (u.removed_date is null or u.removed_date > d.metric_time)
group by account_id, d.metric_time;

-- seat_utilization
insert into metric
select account_id, metric_time, 'seat_utilization', coalesce(n.metric_value, 0) / m.metric_value
from metric m left join (select * from metric where metric_name = 'assigned_users') n using (account_id, metric_time)
where m.metric_name = 'seats';

-- [terms]
create unlogged table term as
select account_id, d.metric_time, sum(quantity) as committed, min(start_date) as start_date, max(end_date) as end_date,
  least(28, d.metric_time - min(start_date) + 1) as days
from subscription s join date_vals d on s.start_date <= d.metric_time and (s.end_date is null or s.end_date > d.metric_time)
where unit = 'credit'
group by account_id, d.metric_time;

-- burn_rate_forecast__consumed
insert into metric
select t.account_id, t.metric_time, 'burn_rate_forecast__consumed', coalesce(sum(e.units), 0)
from term t left join event e on e.account_id = t.account_id and e.event_time between t.start_date and t.metric_time
group by t.account_id, t.metric_time;

-- [units]
insert into metric
select t.account_id, t.metric_time, 'units', coalesce(sum(e.units), 0)
from term t
left join event e on e.account_id = t.account_id and e.event_time between t.metric_time - 27 and t.metric_time
group by t.account_id, t.metric_time;

-- burn_rate_forecast__daily_burn
insert into metric
select account_id, metric_time, 'burn_rate_forecast__daily_burn', u.metric_value / t.days
from term t join (select * from metric where metric_name = 'units') u using (account_id, metric_time);

-- burn_rate_forecast__days_to_exhaustion
insert into metric
select account_id, metric_time, 'burn_rate_forecast__days_to_exhaustion',
  case when c.metric_value >= t.committed then 0 else (t.committed - c.metric_value) * t.days / u.metric_value end
from term t
join (select * from metric where metric_name = 'burn_rate_forecast__consumed') c using (account_id, metric_time)
join (select * from metric where metric_name = 'units') u using (account_id, metric_time)
where c.metric_value >= t.committed or u.metric_value > 0;

-- burn_rate_forecast__exhaustion_date
insert into metric
select account_id, metric_time, 'burn_rate_forecast__exhaustion_date',
  metric_time + ceil(metric_value)::int - date '1970-01-01'
from metric where metric_name = 'burn_rate_forecast__days_to_exhaustion';

-- burn_rate_forecast__projected_consumption
insert into metric
select account_id, metric_time, 'burn_rate_forecast__projected_consumption',
  c.metric_value + b.metric_value * greatest(t.end_date - metric_time - 1, 0)
from term t
join (select * from metric where metric_name = 'burn_rate_forecast__consumed') c using (account_id, metric_time)
join (select * from metric where metric_name = 'burn_rate_forecast__daily_burn') b using (account_id, metric_time);

-- burn_rate_forecast
insert into metric
select account_id, metric_time, 'burn_rate_forecast', p.metric_value / t.committed
from term t
join (select * from metric where metric_name = 'burn_rate_forecast__projected_consumption') p using (account_id, metric_time);

-- time_to_activation
insert into metric
select account_id, d.metric_time, 'time_to_activation', activated_on - given_on
from (
  select e.account_id, min(e.event_time) as activated_on
  from event e left join account_user u on u.user_id = e.user_id
  where e.event_type = 'feature_00' and e.event_count > 0 and u.is_internal is not true
  group by e.account_id
) a
join (select account_id, min(assigned_date) as given_on from account_user where not is_internal group by account_id) g
  using (account_id)
join date_vals d on a.activated_on <= d.metric_time and g.given_on <= d.metric_time;
