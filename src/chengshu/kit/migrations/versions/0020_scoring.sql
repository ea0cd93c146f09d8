-- Scoring (考核). Figures are written by the worker only; what people write are proposals, appeals and
-- answers, each with a second person. A frozen month is refused any change by the table itself.


create table score_month (                     -- 考核月份: an order counts in the month in which it was due
  month date primary key check (extract(day from month) = 1),
  state text not null default 'open' check (state in ('open', 'published', 'frozen')),
  version int not null default 0,              -- the newest; 0: none yet
  stale boolean not null default true,         -- something was decided that changes it
  wake_at timestamptz,                         -- when a worker looks again; null: never
  published_at timestamptz,
  appeals_until timestamptz,
  frozen_at timestamptz,
  check ((state = 'open') = (published_at is null)),
  check ((state = 'frozen') = (frozen_at is not null)),
  check ((published_at is null) = (appeals_until is null))
);
create index score_month_wake on score_month (wake_at) where wake_at is not null;

create table score_version (                   -- every reckoning, with the rules and difficulties it used
  month date not null references score_month,
  version int not null check (version > 0),
  made_at timestamptz not null,
  because text not null check (because in ('night', 'publication', 'decision', 'checks', 'request')),
  rules jsonb not null,
  difficulty jsonb not null,
  excluded jsonb not null,                     -- reason code to number of orders, published
  flags jsonb not null,                        -- flag to number of orders, published
  orders int not null,
  digest text not null,                        -- of all figures, to compare two versions and prove a frozen one
  primary key (month, version)
);

create table score_row (                       -- one unit, over all matters ('') or within one
  month date not null,
  version int not null,
  unit text collate "C" not null references unit,
  tier text not null,
  matter text not null,
  orders int not null,
  flagged int not null,
  excluded int not null,
  points double precision,
  low double precision,
  high double precision,
  measured jsonb not null,
  primary key (month, version, matter, unit),
  foreign key (month, version) references score_version
);
create index score_row_unit on score_row (unit, month);

create table score_order (                     -- how each order counted
  month date not null,
  version int not null,
  work_order bigint not null references work_order,
  number text not null,
  incident bigint not null,
  unit text collate "C" not null references unit,
  matter text not null,
  factor double precision not null,
  share double precision not null,
  marks jsonb not null,
  flags jsonb not null,
  cleared boolean not null,
  excluded text not null,
  primary key (month, version, work_order),
  foreign key (month, version) references score_version
);
create index score_order_unit on score_order (month, version, unit, matter);
create index score_order_order on score_order (work_order);

create table score_picture (                   -- difference hash of a picture; null: too plain to tell
  attachment bigint primary key references attachment on delete cascade,
  look bigint
);

create table score_exclusion (                 -- 剔除
  id bigint primary key,
  work_order bigint not null references work_order,
  unit text collate "C" not null references unit,   -- whose order
  to_unit text collate "C" not null references unit, -- whose people decide
  reason text not null check (reason in ('unreasonable', 'no_power', 'force_majeure', 'legacy', 'misassigned', 'in_court')),
  words text not null,
  account bigint not null,
  actor text not null,
  at timestamptz not null,
  due_at timestamptz not null,
  timer timestamptz,
  late boolean not null default false,
  state text not null default 'open' check (state in ('open', 'approved', 'refused')),
  decided_by bigint,
  decided_actor text not null default '',
  decided_at timestamptz,
  decided_words text not null default '',
  constraint score_exclusion_second_person check (decided_by is null or decided_by <> account),
  check ((state = 'open') = (decided_by is null))
);
create unique index score_exclusion_once on score_exclusion (work_order) where state <> 'refused';

create table score_appeal (                    -- 考核申诉
  id bigint primary key,
  month date not null references score_month,
  work_order bigint not null references work_order,
  unit text collate "C" not null references unit,
  to_unit text collate "C" not null references unit,
  wants text not null check (wants in ('clear', 'exclude', 'count')),
  indicator text not null default '',
  words text not null,
  evidence bigint[] not null check (cardinality(evidence) > 0),
  account bigint not null,
  actor text not null,
  at timestamptz not null,
  due_at timestamptz not null,
  timer timestamptz,
  late boolean not null default false,
  state text not null default 'open' check (state in ('open', 'upheld', 'refused')),
  answered_by bigint,
  answered_actor text not null default '',
  answered_at timestamptz,
  answer text not null default '',
  constraint score_appeal_second_person check (answered_by is null or answered_by <> account),
  check ((state = 'open') = (answered_by is null)),
  check ((wants = 'count') = (indicator <> ''))
);
create unique index score_appeal_once on score_appeal (work_order, wants, indicator) where state = 'open';
create index score_appeal_month on score_appeal (month, state);

create table score_measure (                   -- 通报、约谈、整改
  id bigint primary key,
  kind text not null check (kind in ('notice', 'talk', 'rectify')),
  unit text collate "C" not null references unit,
  month date not null references score_month,
  words text not null,
  by_unit text collate "C" not null references unit, -- the centre whose measure it is
  account bigint not null,
  actor text not null,
  at timestamptz not null,
  due_at timestamptz not null,                 -- of the step that is next
  timer timestamptz,
  late boolean not null default false,
  state text not null default 'proposed' check (state in ('proposed', 'refused', 'approved', 'reported', 'struck')),
  approved_by bigint,
  approved_at timestamptz,
  reported_by bigint,
  struck_at timestamptz,
  constraint score_measure_second_person check (approved_by is null or approved_by <> account)
);
create index score_measure_unit on score_measure (unit, state);

create table score_measure_step (              -- what was done about a measure; appended, never changed
  id bigint generated always as identity primary key,
  measure bigint not null references score_measure,
  at timestamptz not null,
  account bigint not null,
  actor text not null,
  unit text not null,
  act text not null check (act in ('propose', 'approve', 'refuse', 'report', 'again', 'strike')),
  words text not null
);
create index score_measure_step_measure on score_measure_step (measure, id);
create trigger score_measure_step_append_only before update or delete on score_measure_step
  for each row execute function refuse_change();

create index score_exclusion_timer on score_exclusion (timer) where timer is not null;
create index score_appeal_timer on score_appeal (timer) where timer is not null;
create index score_measure_timer on score_measure (timer) where timer is not null;

-- What was published stays as it was: figures of an open month may give way to newer ones, later versions
-- are added to a published month, and a frozen month takes nothing.
create function keep_scores() returns trigger language plpgsql as $$
declare found text;
begin
  if tg_op in ('UPDATE', 'DELETE') then
    select state into found from score_month where month = old.month;
  else
    select state into found from score_month where month = new.month;
  end if;
  if tg_op = 'UPDATE' or found = 'frozen' or (tg_op = 'DELETE' and found <> 'open') then
    raise exception '已公示或定版的考核数据不能更改 (published scores in % are not changed)', tg_table_name
      using errcode = 'integrity_constraint_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create function keep_month() returns trigger language plpgsql as $$
begin
  if old.state = 'frozen' or tg_op = 'DELETE' or (old.state = 'published' and new.state = 'open') then
    raise exception '已定版的月份不能更改 (the month % is frozen)', old.month using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger keep_scores before insert or update or delete on score_version for each row execute function keep_scores();
create trigger keep_scores before insert or update or delete on score_row for each row execute function keep_scores();
create trigger keep_scores before insert or update or delete on score_order for each row execute function keep_scores();
create trigger keep_month before update or delete on score_month for each row execute function keep_month();

do $$
declare t text;
begin
  foreach t in array array['score_month', 'score_version', 'score_row', 'score_order', 'score_picture', 'score_exclusion',
    'score_appeal', 'score_measure', 'score_measure_step']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;
revoke delete on score_month from chengshu_worker;
revoke update on score_version, score_row, score_order from chengshu_worker;
revoke update, delete on score_measure_step from chengshu_worker;

create function scope_scores() returns boolean language sql stable parallel safe
  return scope_role() in ('call_taker', 'dispatcher', 'handler', 'supervisor', 'analyst', 'leader');
create function scope_holds(of_unit text) returns boolean language sql stable parallel safe
  return of_unit = scope_unit() or starts_with(of_unit, scope_unit() || '.');

-- Months, rules, difficulties and the counts of exclusions are published to everybody with a desk.
grant select on score_month, score_version to chengshu_app;
grant update (stale, wake_at) on score_month to chengshu_app;
grant insert (month, wake_at) on score_month to chengshu_app;
create policy begin on score_month for insert to chengshu_app
  with check (state = 'open' and scope_role() in ('supervisor', 'leader', 'analyst')
    and exists (select 1 from unit u where u.unit = scope_unit() and u.tier = 'city'));
create policy read on score_month for select to chengshu_app using (scope_scores());
create policy disturb on score_month for update to chengshu_app
  using (state <> 'frozen' and scope_role() in ('supervisor', 'leader', 'analyst'));
create policy read on score_version for select to chengshu_app using (scope_scores());

-- The table: her own unit's, those under it, and the published figures of her tier over all matters.
grant select on score_row to chengshu_app;
create policy read on score_row for select to chengshu_app
  using (scope_scores() and (scope_holds(unit)
    or (matter = '' and tier = (select u.tier from unit u where u.unit = scope_unit())
        and exists (select 1 from score_month m where m.month = score_row.month and m.state <> 'open'))));
-- The orders behind it: only where she may see the order itself.
grant select on score_order to chengshu_app;
create policy read on score_order for select to chengshu_app
  using (scope_scores() and scope_holds(unit) and exists (select 1 from work_order o where o.id = score_order.work_order));

grant select, insert on score_exclusion, score_appeal, score_measure, score_measure_step to chengshu_app;
grant update (state, decided_by, decided_actor, decided_at, decided_words, timer) on score_exclusion to chengshu_app;
grant update (state, answered_by, answered_actor, answered_at, answer, timer) on score_appeal to chengshu_app;
grant update (state, due_at, timer, late, approved_by, approved_at, reported_by, struck_at) on score_measure to chengshu_app;

create policy read on score_exclusion for select to chengshu_app using (scope_scores() and scope_holds(unit));
create policy propose on score_exclusion for insert to chengshu_app
  with check (scope_scores() and scope_role() <> 'call_taker' and scope_holds(unit) and account = scope_account()
    and state = 'open' and exists (select 1 from work_order o where o.id = work_order and o.unit = score_exclusion.unit));
create policy decide on score_exclusion for update to chengshu_app
  using (state = 'open' and scope_role() in ('supervisor', 'leader') and scope_holds(to_unit) and account <> scope_account())
  with check (decided_by = scope_account());

create policy read on score_appeal for select to chengshu_app using (scope_scores() and scope_holds(unit));
create policy appeal on score_appeal for insert to chengshu_app
  with check (scope_scores() and scope_role() <> 'call_taker' and unit = scope_unit() and account = scope_account()
    and state = 'open' and exists (select 1 from work_order o where o.id = work_order and o.unit = score_appeal.unit));
create policy answer on score_appeal for update to chengshu_app
  using (state = 'open' and scope_role() in ('supervisor', 'leader') and scope_holds(to_unit) and account <> scope_account())
  with check (answered_by = scope_account());

create policy read on score_measure for select to chengshu_app
  using (scope_scores() and scope_holds(unit) and (scope_holds(by_unit) or state not in ('proposed', 'refused')));
create policy propose on score_measure for insert to chengshu_app
  with check (scope_role() in ('supervisor', 'leader', 'analyst') and by_unit = scope_unit() and scope_holds(unit)
    and account = scope_account() and state = 'proposed');
create policy act on score_measure for update to chengshu_app
  using ((scope_holds(by_unit) and scope_role() in ('supervisor', 'leader'))
      or (unit = scope_unit() and state = 'approved' and scope_role() in ('handler', 'dispatcher', 'supervisor', 'leader')))
  with check (scope_holds(by_unit) or (unit = scope_unit() and state = 'reported' and reported_by = scope_account()));
create policy read on score_measure_step for select to chengshu_app
  using (exists (select 1 from score_measure m where m.id = score_measure_step.measure));
create policy write on score_measure_step for insert to chengshu_app
  with check (account = scope_account() and exists (select 1 from score_measure m where m.id = score_measure_step.measure));
