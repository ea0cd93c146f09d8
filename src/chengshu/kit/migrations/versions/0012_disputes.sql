-- Disputes end: an order comes back twice at most, then the next centre up rules, and the ruling is a rule.

create table ruling (                          -- 裁定: who leads, and from now on whenever the same comes again
  id bigint generated always as identity primary key,
  year int not null,
  serial int not null,
  number text not null unique,                 -- 裁字〔2026〕12号
  incident bigint not null references incident, -- what it was made for
  origin text not null,                        -- that incident's number
  matter text not null,                        -- the rule: this matter,
  area bigint not null,                        -- in this area,
  area_to bigint not null,                     -- (half-open end of its codes)
  words text[] not null default '{}',          -- where one of these words stands in the message; empty: always
  lead text collate "C" not null references unit,
  assist text[] not null default '{}',
  reason text not null,
  basis text[] not null check (cardinality(basis) > 0), -- rows of the responsibility list, articles of law
  settled text[] not null,                     -- the reasons of the returns that it ends
  at timestamptz not null,
  account bigint,
  actor text not null,
  unit text collate "C" not null references unit, -- the centre that ruled
  meeting date,                                -- day of the meeting on hard cases, where it was made there
  revoked_at timestamptz,
  revoked_by text,
  revoked_because text,
  unique (year, serial),
  check ((revoked_at is null) = (revoked_because is null))
);
create index ruling_in_force on ruling (matter) where revoked_at is null;

alter table work_order add column return_by timestamptz; -- 退回时限; null: an order from before there was one
alter table work_order add column ruling bigint references ruling; -- which ruling chose the unit
create index work_order_ruling on work_order (ruling) where ruling is not null;

create table handback (                        -- 退回: that there is no third one, the key itself says
  incident bigint not null references incident,
  nth smallint not null check (nth in (1, 2)),
  work_order bigint not null unique references work_order,
  unit text collate "C" not null references unit,
  reason text not null check (reason in ('not_my_matter', 'not_my_area', 'not_my_power')),
  words text not null,
  duty jsonb,                                  -- the row of the responsibility list that it leans on
  account bigint,
  actor text not null,
  at timestamptz not null,
  watch_at timestamptz,                        -- when a worker looks whether anybody has the matter again
  primary key (incident, nth)
);
create index handback_watch on handback (watch_at) where watch_at is not null;

create table dispute (                         -- 争议: one for an incident, ever
  id bigint primary key,
  incident bigint not null unique references incident,
  arbiter text collate "C" not null references unit,
  urgent boolean not null,                     -- natural hours, and the leader on duty rules
  opened_at timestamptz not null,
  due_at timestamptz not null,
  state text not null check (state in ('open', 'ruled', 'lapsed')),
  timer timestamptz,
  escalated smallint not null default 0,       -- 0 not yet, 1 overdue, 2 still overdue
  interim text collate "C" not null references unit, -- 先办后议: who acts meanwhile
  interim_order bigint references work_order,
  ruling bigint references ruling,
  ended_at timestamptz
);
create index dispute_timer on dispute (timer) where timer is not null;
create index dispute_open on dispute (due_at) where state = 'open';

do $$
declare t text;
begin
  foreach t in array array['ruling', 'handback', 'dispute']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to chengshu_worker', t);
  end loop;
end $$;

-- Whoever sees the incident sees who handed it back and where the dispute stands.
grant select, insert on handback to chengshu_app;
grant update (watch_at) on handback to chengshu_app;
create policy scope on handback to chengshu_app
  using (exists (select 1 from incident i where i.id = handback.incident))
  with check (exists (select 1 from incident i where i.id = handback.incident));
grant select, insert on dispute to chengshu_app;
grant update (state, timer, ruling, ended_at) on dispute to chengshu_app;
create policy scope on dispute for select to chengshu_app
  using (exists (select 1 from incident i where i.id = dispute.incident));
create policy begin on dispute for insert to chengshu_app
  with check (exists (select 1 from incident i where i.id = dispute.incident) and state = 'open');
create policy finish on dispute for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and (arbiter = scope_unit() or starts_with(arbiter, scope_unit() || '.'))
    and exists (select 1 from incident i where i.id = dispute.incident));

-- A ruling is read where it holds, by those above, by the units that it names, and with an order that it decided.
grant select, insert on ruling to chengshu_app;
grant update (revoked_at, revoked_by, revoked_because) on ruling to chengshu_app;
create policy read on ruling for select to chengshu_app
  using (scope_role() in ('call_taker', 'dispatcher', 'handler', 'supervisor', 'analyst', 'leader') and (
       (area >= scope_area_lo() and area < scope_area_hi())
    or (scope_area_lo() >= area and scope_area_lo() < area_to)
    or lead = scope_unit() or scope_unit() = any(assist)
    or exists (select 1 from work_order o where o.ruling = ruling.id)));
create policy make on ruling for insert to chengshu_app
  with check (scope_role() in ('supervisor', 'leader') and unit = scope_unit() and account = scope_account()
    and area >= scope_area_lo() and area < scope_area_hi());
create policy revoke on ruling for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and (unit = scope_unit() or starts_with(unit, scope_unit() || '.')));

-- The next number of a year. Numbers run through the whole city, of which a county sees a part.
create function next_ruling(of_year int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(77413, of_year);
  return (select coalesce(max(serial), 0) + 1 from ruling where year = of_year);
end $$;
revoke execute on function next_ruling(int) from public;
grant execute on function next_ruling(int) to chengshu_app, chengshu_worker;

-- 先办后议: with the second return a centre has the matter at once. The unit that hands it back may not
-- write other units' orders; this one door writes one to a centre, for an incident that the caller just
-- returned for the second time and that is not in dispute yet. Where the centre has a live order already
-- it keeps that. Returns the order's id.
create function interim_order(new_id bigint, new_number text, of_incident bigint, to_unit text, said text,
                              at timestamptz, sign_due timestamptz, due timestamptz, wakes timestamptz) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare found bigint;
begin
  if not exists (select 1 from handback h where h.incident = of_incident and h.nth = 2 and h.account = scope_account())
     or exists (select 1 from dispute d where d.incident = of_incident)
     or not exists (select 1 from unit u where u.unit = to_unit and u.kind = 'centre') then
    raise exception 'no interim order without a second return' using errcode = 'insufficient_privilege';
  end if;
  insert into work_order (id, number, incident, unit, area, stage, instruction, assigned_at, sign_due_at, due_at,
                          escalate_at, changed_at)
    select new_id, new_number, i.id, to_unit, i.area, 'assigned', said, at, sign_due, due, wakes, at
    from incident i where i.id = of_incident
    on conflict (incident, unit) where stage in ('assigned', 'signed', 'handled', 'verified') do nothing;
  select o.id into found from work_order o where o.incident = of_incident and o.unit = to_unit
    and o.stage in ('assigned', 'signed', 'handled', 'verified');
  return found;
end $$;
revoke execute on function interim_order(bigint, text, bigint, text, text, timestamptz, timestamptz, timestamptz, timestamptz) from public;
grant execute on function interim_order(bigint, text, bigint, text, text, timestamptz, timestamptz, timestamptz, timestamptz) to chengshu_app, chengshu_worker;
