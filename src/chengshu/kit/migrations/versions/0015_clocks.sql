-- Clocks of orders. The instants at which something is to happen to an order's clocks meet in its one
-- indexed timer, work_order.escalate_at: the earliest of them all. Workers claim by it and nothing else.

create table clock (                           -- 时限: one clock of one order, and how it was reckoned
  work_order bigint not null references work_order,
  kind text not null check (kind in ('sign', 'settle')),
  start_at timestamptz not null,               -- the registration it counts from
  begun_at timestamptz not null,               -- when counting began
  amount int check (amount > 0),               -- limit; null where the end was set as an instant
  span text check (span in ('hours', 'working_hours', 'working_days', 'days')),
  unit text collate "C" not null references unit, -- whose calendar
  fixed_at timestamptz,
  cap_at timestamptz,                          -- a deadline from above
  cap_by text not null default '',
  due_at timestamptz,                          -- null: paused
  yellow_at timestamptz,
  provisional boolean not null default false,  -- a year's holidays are not published yet
  state text not null check (state in ('running', 'paused')),
  level smallint not null default 0,           -- 1 urged, 2 red, 2 + n: supervised at grade n
  primary key (work_order, kind),
  check ((amount is null) = (span is null)),
  check (amount is not null or fixed_at is not null)
);
create index clock_provisional on clock (work_order) where provisional;

create table clock_request (                   -- 暂停、延期申请: asked by the unit, answered by the next tier
  id bigint primary key,
  work_order bigint not null references work_order,
  ask text not null check (ask in ('pause', 'extension')),
  reason text not null,
  words text not null,
  amount int check (amount > 0),
  span text check (span in ('hours', 'working_hours', 'working_days', 'days')),
  unit text collate "C" not null references unit,
  to_unit text collate "C" not null references unit,
  asked_at timestamptz not null,
  account bigint,
  actor text not null,
  state text not null check (state in ('open', 'approved', 'refused')),
  answered_at timestamptz,
  answered_by bigint,
  answer_actor text not null default '',
  answer text not null default '',
  from_at timestamptz,                         -- pause: since when the clock stands
  until_at timestamptz,                        -- when it went on, or will by itself
  ended boolean not null default false,
  check ((amount is null) = (span is null)),
  check (answered_by is null or account is null or answered_by <> account)
);
create unique index clock_request_open on clock_request (work_order, ask) where state = 'open';
create unique index clock_request_standing on clock_request (work_order)
  where ask = 'pause' and state = 'approved' and not ended;
create index clock_request_order on clock_request (work_order);
create index clock_request_waiting on clock_request (to_unit, asked_at) where state = 'open';

create table supervision (                     -- 督办单: a unit is told from above to act and to explain itself
  id bigint primary key,
  number text not null unique,
  work_order bigint not null references work_order,
  nth smallint not null check (nth > 0),
  unit text collate "C" not null references unit,
  by_unit text collate "C" not null references unit,
  account bigint,                              -- null: the clock itself
  actor text not null,
  grade smallint not null check (grade > 0),
  cause text not null check (cause in ('overdue', 'person')),
  words text not null,
  at timestamptz not null,
  explain_by timestamptz not null,
  copied text[] not null default '{}',
  told_late boolean not null default false,
  explained_at timestamptz,
  explain_account bigint,
  explain_actor text not null default '',
  explanation text not null default '',
  withdrawn_at timestamptz,
  unique (work_order, nth)
);
create index supervision_unit on supervision (unit, at desc);

-- Orders in work get their clocks from the first worker that runs.
update work_order set escalate_at = least(escalate_at, now()) where stage in ('assigned', 'signed');

do $$
declare t text;
begin
  foreach t in array array['clock', 'clock_request', 'supervision']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;

-- Whoever sees the order sees its clocks, what was asked and what it was told from above.
grant select, insert, update, delete on clock to chengshu_app;
create policy scope on clock to chengshu_app
  using (exists (select 1 from work_order o where o.id = clock.work_order))
  with check (exists (select 1 from work_order o where o.id = clock.work_order));

grant select, insert on clock_request to chengshu_app;
grant update (state, answered_at, answered_by, answer_actor, answer, from_at, until_at, ended) on clock_request to chengshu_app;
create policy scope on clock_request for select to chengshu_app
  using (exists (select 1 from work_order o where o.id = clock_request.work_order));
create policy ask on clock_request for insert to chengshu_app
  with check (scope_role() = 'handler' and unit = scope_unit() and account = scope_account() and state = 'open'
    and exists (select 1 from work_order o where o.id = clock_request.work_order and o.unit = clock_request.unit));
-- Only the tier that is asked answers; the unit itself may end its pause.
create policy answer on clock_request for update to chengshu_app
  using (scope_role() in ('dispatcher', 'supervisor', 'leader')
    and (to_unit = scope_unit() or starts_with(to_unit, scope_unit() || '.')));
create policy resume on clock_request for update to chengshu_app
  using (scope_role() = 'handler' and unit = scope_unit() and ask = 'pause' and state = 'approved' and not ended)
  with check (ask = 'pause' and state = 'approved' and ended);

grant select, insert on supervision to chengshu_app;
grant update (explained_at, explain_account, explain_actor, explanation, withdrawn_at) on supervision to chengshu_app;
create policy scope on supervision for select to chengshu_app
  using (exists (select 1 from work_order o where o.id = supervision.work_order));
create policy give on supervision for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader') and by_unit = scope_unit()
    and account = scope_account() and cause = 'person'
    and exists (select 1 from work_order o where o.id = supervision.work_order));
create policy explain on supervision for update to chengshu_app
  using (scope_role() = 'handler' and unit = scope_unit()) with check (withdrawn_at is null);
create policy withdraw on supervision for update to chengshu_app
  using (scope_role() in ('dispatcher', 'supervisor', 'leader')
    and exists (select 1 from work_order o where o.id = supervision.work_order));
