-- DuckDB: one row per as_of and account. Given: as_ofs(as_of), accounts, contract_lines, features, product_users,
-- usage_daily. Each rollup is made once; a window is a list of its days, so that joining is a hash join on the day.

create temp table windows as
select as_of, cast(unnest(range(as_of - interval 27 day, as_of + interval 1 day, interval 1 day)) as date) as usage_date
from as_ofs;

create temp table lines as
select as_of, line.*
from contract_lines as line join as_ofs
  on start_date <= as_of and (end_date is null or end_date > as_of);

create temp table seats as
select as_of, account_id, sum(quantity) as seats from lines where unit = 'seat' group by all;

-- who used it
create temp table user_days as
select account_id, product_user_id, usage_date, department, removed_date
from usage_daily
left join (select product_user_id, department, removed_date, is_internal from product_users) using (product_user_id)
where event_count > 0 and not coalesce(is_internal, false)
group by all;

create temp table users as
select as_of, account_id,
  count(distinct product_user_id) as active_users,
  count(distinct product_user_id) filter (where active_days >= 8) as power_users,
  count(distinct department) as departments,
  count(distinct product_user_id) filter (where department is null) as unknown_department_users
from (
  select as_of, account_id, product_user_id, department, count(*) as active_days
  from user_days join windows using (usage_date)
  where removed_date is null or removed_date > as_of
  group by all
)
group by all;

create temp table assigned as
select as_of, account_id, count(distinct product_user_id) as assigned_users
from product_users join as_ofs on assigned_date <= as_of and (removed_date is null or removed_date > as_of)
group by all;

-- which features
create temp table feature_days as
select account_id, feature_id, usage_date, sum(event_count) as events
from usage_daily semi join (from features where level = 'advanced') as advanced using (feature_id)
group by all;

create temp table adoption as
select as_of, account_id, count(*) as bought, count(*) filter (where events >= 5) as used
from (select distinct as_of, account_id, feature_id from lines join features using (product_id) where level = 'advanced')
left join (
  select as_of, account_id, feature_id, sum(events) as events
  from feature_days join windows using (usage_date) group by all
) using (as_of, account_id, feature_id)
group by all;

-- how much
create temp table account_days as
select account_id, usage_date, sum(event_count) as events, sum(units) as units from usage_daily group by all;

create temp table first_days as
select account_id, min(usage_date) as first_day from account_days group by all;

create temp table amounts as
select as_of, account_id, sum(events) as events
from account_days join windows using (usage_date) group by all;

create temp table earlier as
select windows.as_of, account_id, sum(events) as events
from account_days join windows on account_days.usage_date = windows.usage_date - 28 group by all;

create temp table account_weeks as
select account_id, cast(date_trunc('week', usage_date) as date) as week, sum(events) as events
from account_days group by all;

create temp table steadiness as
select as_of, account_id, stddev_pop(events) / nullif(avg(events), 0) as cv, avg(cast(events > 0 as integer)) as active_week_share
from (
  select as_of, account_id, coalesce(events, 0) as events
  from (
    select as_of, cast(date_trunc('week', as_of + 1) as date) - cast(7 * back as integer) as week
    from as_ofs, range(1, 13) as weeks(back)
  )
  join accounts on start_date <= week
  left join account_weeks using (account_id, week)
)
group by all having count(*) >= 4;

-- bought units
create temp table terms as
select as_of, account_id, sum(quantity) as committed, min(start_date) as start_date, max(end_date) as end_date
from lines where unit = 'credit' group by all;

create temp table burn as
select as_of, terms.account_id, committed, end_date, least(28, as_of - start_date + 1) as days,
  coalesce(sum(units), 0) as consumed,
  coalesce(sum(units) filter (where usage_date > as_of - 28), 0) as lately
from terms left join account_days
  on account_days.account_id = terms.account_id and usage_date between start_date and as_of
group by as_of, terms.account_id, committed, start_date, end_date;

create temp table provisioned as
select account_id, min(assigned_date) as given_on from product_users where not coalesce(is_internal, false) group by all;

create temp table activated as
select account_id, min(usage_date) as activated_on
from usage_daily anti join (from product_users where is_internal) as ours using (product_user_id)
where feature_id = 'feature_00' and event_count > 0
group by all;

create temp table numbers as
select as_of, account_id,
  coalesce(active_users, 0) as active_user_pct__active_users,
  coalesce(active_users, 0) / seats as active_user_pct,
  coalesce(power_users, 0) / seats as power_user_pct,
  if(first_day <= as_of, coalesce(departments, 0), null) as cross_functional_usage,
  if(first_day <= as_of, coalesce(unknown_department_users, 0), null) as cross_functional_usage__unknown_department_users,
  used / bought as feature_adoption_depth,
  (coalesce(amounts.events, 0) - earlier.events) / nullif(earlier.events, 0) as usage_trend,
  if(first_day <= as_of, coalesce(amounts.events, 0) - coalesce(earlier.events, 0), null) as usage_trend__absolute_change,
  if(first_day <= as_of, cv, null) as usage_consistency,
  if(first_day <= as_of, active_week_share, null) as usage_consistency__active_week_share,
  coalesce(assigned_users, 0) / seats as seat_utilization,
  consumed as burn_rate_forecast__consumed,
  lately / burn.days as burn_rate_forecast__daily_burn,
  case when consumed >= committed then 0 when lately > 0 then (committed - consumed) * burn.days / lately end
    as burn_rate_forecast__days_to_exhaustion,
  as_of + cast(ceil(burn_rate_forecast__days_to_exhaustion) as integer) as burn_rate_forecast__exhaustion_date,
  consumed + lately / burn.days * greatest(end_date - as_of - 1, 0) as burn_rate_forecast__projected_consumption,
  burn_rate_forecast__projected_consumption / committed as burn_rate_forecast,
  if(activated_on <= as_of and given_on <= as_of, activated_on - given_on, null) as time_to_activation
from (from accounts, as_ofs)
left join seats using (as_of, account_id)
left join users using (as_of, account_id)
left join assigned using (as_of, account_id)
left join adoption using (as_of, account_id)
left join first_days using (account_id)
left join amounts using (as_of, account_id)
left join earlier using (as_of, account_id)
left join steadiness using (as_of, account_id)
left join burn using (as_of, account_id)
left join provisioned using (account_id)
left join activated using (account_id);
