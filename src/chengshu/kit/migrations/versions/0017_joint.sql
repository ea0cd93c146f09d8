-- Joint command (联动指挥): what crosses departments has one lead, members, parts with clocks of their own,
-- meetings, one answer; and its kin: the whistle, passing between tiers, emergency levels.

-- A part is a work order like any other. A unit may have several of one incident, told apart by `part`;
-- 0 is the order that it has of the incident as such, of which there is one at a time.
alter table work_order add column part smallint not null default 0;
drop index work_order_one_live;
create unique index work_order_one_live on work_order (incident, unit, part)
  where stage in ('assigned', 'signed', 'handled', 'verified', 'shelved');

create or replace function interim_order(new_id bigint, new_number text, of_incident bigint, to_unit text, said text,
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
    on conflict (incident, unit, part) where stage in ('assigned', 'signed', 'handled', 'verified', 'shelved') do nothing;
  select o.id into found from work_order o where o.incident = of_incident and o.unit = to_unit and o.part = 0
    and o.stage in ('assigned', 'signed', 'handled', 'verified', 'shelved');
  return found;
end $$;

-- Whoever has the area, or is called by name (or stands above one that is).
create function is_called(at_area bigint, units text[]) returns boolean language sql stable parallel safe return
  scope_role() in ('call_taker', 'dispatcher', 'handler', 'supervisor', 'analyst', 'leader')
  and ((at_area >= scope_area_lo() and at_area < scope_area_hi())
    or exists (select 1 from unnest(units) u where u = scope_unit() or starts_with(u, scope_unit() || '.')));

create table joint (                           -- 联动指挥: one running for an incident at a time
  id bigint primary key,
  incident bigint not null references incident,
  number text not null,                        -- the incident's, for members who have no order of it
  title text not null,
  area bigint not null,
  centre text collate "C" not null references unit, -- which centre commands
  lead text collate "C" not null references unit,
  lead_order bigint not null references work_order, -- the parent: it closes last
  members text[] not null,                     -- the lead and the centre among them
  template text not null default '',
  reason text not null,
  basis text[] not null default '{}',
  people int,                                  -- most people that one report speaks of
  crowd boolean not null default false,        -- 群体性风险
  started_at timestamptz not null,
  account bigint,
  actor text not null,
  ended_at timestamptz,
  ended_by text,
  check ((ended_at is null) = (ended_by is null))
);
create unique index joint_one_running on joint (incident) where ended_at is null;
create index joint_incident on joint (incident);

create table joint_strand (                    -- a matter of the case with an answer of its own
  joint bigint not null references joint,
  code text not null,
  name text not null,
  name_en text not null,
  words text[] not null default '{}',
  answer text,
  answered_at timestamptz,
  answered_by text,
  primary key (joint, code)
);

create table joint_meeting (                   -- 会商
  id bigint primary key,
  joint bigint not null references joint,
  nth smallint not null,
  subject text not null,
  place text not null default '',
  link text not null default '',               -- where people meet at a distance; empty: they do not
  starts_at timestamptz not null,
  called_at timestamptz not null,
  actor text not null,
  ended_at timestamptz,
  summary text not null default '',
  unique (joint, nth)
);

create table joint_call (                      -- who is called in, who comes, who was there
  joint bigint not null references joint,
  meeting bigint not null references joint_meeting,
  unit text collate "C" not null references unit,
  coming boolean,
  words text not null default '',
  answered_at timestamptz,
  attended boolean,
  person text not null default '',
  primary key (meeting, unit)
);

create table joint_task (                      -- which order is a part, and of what
  id bigint primary key,
  joint bigint not null references joint,
  nth smallint not null,
  strand text not null default '',             -- empty: of all of them
  unit text collate "C" not null references unit,
  text text not null,
  work_order bigint not null unique references work_order,
  unique (joint, nth)
);

create table joint_decision (
  id bigint primary key,
  joint bigint not null references joint,
  meeting bigint not null references joint_meeting,
  nth smallint not null,
  text text not null,
  task bigint references joint_task,           -- what became of it
  at timestamptz not null,
  actor text not null,
  unique (meeting, nth)
);

create table joint_resource (                  -- called: what, from whom, when, arrived
  id bigint primary key,
  joint bigint not null references joint,
  what text not null,
  source text not null,
  contact text not null default '',
  called_at timestamptz not null,
  actor text not null,
  arrived_at timestamptz,
  arrived_by text
);

create table joint_hearer (                    -- of which strand a report is, and when its reporter was told
  joint bigint not null references joint,
  report bigint not null references report,
  strand text not null,
  told_at timestamptz,
  primary key (joint, report)
);

create table joint_entry (                     -- the shared time line; appended, never changed
  id bigint generated always as identity primary key,
  joint bigint not null references joint,
  at timestamptz not null,
  account bigint,
  actor text not null,
  unit text not null default '',
  verb text not null,
  words text not null default ''
);
create index joint_entry_of on joint_entry (joint, id);
create trigger joint_entry_append_only before update or delete on joint_entry for each row execute function refuse_change();

create table whistle (                         -- 吹哨: a township calls departments
  id bigint primary key,
  incident bigint not null references incident,
  number text not null,
  title text not null,
  place text not null default '',
  area bigint not null,
  unit text collate "C" not null references unit,
  words text not null,
  called text[] not null check (cardinality(called) > 0),
  at timestamptz not null,
  account bigint,
  actor text not null
);
create index whistle_incident on whistle (incident);
create index whistle_at on whistle (at desc);

create table whistle_call (                    -- 报到: one department's answer, and how long it took
  whistle bigint not null references whistle,
  unit text collate "C" not null references unit,
  called_at timestamptz not null,
  due_at timestamptz not null,
  timer timestamptz,                           -- when a worker looks; null: answered, or nobody is above any more
  told text collate "C" not null,              -- up to whom silence has climbed; at first the unit itself
  climbed smallint not null default 0,
  answered_at timestamptz,
  words text not null default '',
  actor text not null default '',
  response_s int,                              -- scored: seconds from the call to the answer
  late boolean not null default false,
  primary key (whistle, unit),
  check ((answered_at is null) = (response_s is null))
);
create index whistle_timer on whistle_call (timer) where timer is not null;
create index whistle_scored on whistle_call (unit, called_at);

create table passing (                         -- 交办 上报 移交 提级 交回: between tiers, with reasons; appended only
  id bigint generated always as identity primary key,
  incident bigint not null references incident,
  kind text not null check (kind in ('down', 'up', 'across', 'take_over', 'give_back')),
  giver text collate "C" not null references unit,
  taker text collate "C" not null references unit,
  reason text not null,
  work_order bigint references work_order,
  at timestamptz not null,
  account bigint,
  actor text not null
);
create index passing_incident on passing (incident, id);
create trigger passing_append_only before update or delete on passing for each row execute function refuse_change();

create table response (                        -- 应急响应: a declared level, and the plan whose tasks it set going
  id bigint primary key,
  incident bigint not null references incident,
  area bigint not null,
  centre text collate "C" not null references unit,
  plan text not null,
  level smallint not null check (level between 1 and 4),
  number text not null,
  signer text not null,
  declarer text not null,
  declared_at timestamptz not null,
  units text[] not null,
  ended_at timestamptz
);
create unique index response_one_running on response (incident) where ended_at is null;

create table response_level (                  -- every declaration: raised, lowered, ended; appended only
  response bigint not null references response,
  nth smallint not null,
  level smallint check (level between 1 and 4), -- null: ended
  number text not null,
  signer text not null,
  declarer text not null,
  words text not null default '',
  at timestamptz not null,
  account bigint,
  actor text not null,
  primary key (response, nth)
);
create trigger response_level_append_only before update or delete on response_level
  for each row execute function refuse_change();

create table response_task (
  response bigint not null references response,
  nth smallint not null,
  unit text collate "C" not null references unit,
  text text not null,
  work_order bigint not null unique references work_order,
  primary key (response, nth)
);

do $$
declare t text;
begin
  foreach t in array array['joint', 'joint_strand', 'joint_meeting', 'joint_call', 'joint_task', 'joint_decision',
    'joint_resource', 'joint_hearer', 'joint_entry', 'whistle', 'whistle_call', 'passing', 'response',
    'response_level', 'response_task']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to chengshu_worker', t);
    execute format('grant select, insert on %I to chengshu_app', t);
  end loop;
end $$;
revoke update on joint_entry, passing, response_level from chengshu_worker;

-- Members see the whole command, whatever orders they have; it is run by the centre and the lead.
grant update (lead, lead_order, members, ended_at, ended_by) on joint to chengshu_app;
create policy read on joint for select to chengshu_app using (is_called(area, members));
create policy start on joint for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader') and centre = scope_unit()
    and area >= scope_area_lo() and area < scope_area_hi());
create policy run on joint for update to chengshu_app
  using ((scope_role() in ('dispatcher', 'supervisor', 'leader') and (centre = scope_unit() or starts_with(centre, scope_unit() || '.')))
    or (scope_role() = 'handler' and lead = scope_unit()));
do $$
declare t text;
begin
  foreach t in array array['joint_strand', 'joint_meeting', 'joint_call', 'joint_task', 'joint_decision', 'joint_resource',
    'joint_entry']
  loop
    execute format('create policy read on %I for select to chengshu_app
      using (exists (select 1 from joint j where j.id = %I.joint))', t, t);
    -- members write on the time line and answer for themselves; everything else is for whoever may run it
    execute format('create policy run on %I for insert to chengshu_app with check (exists (
      select 1 from joint j where j.id = %I.joint and j.ended_at is null and (%L or (j.lead = scope_unit() and scope_role() = ''handler'')
        or (scope_role() in (''dispatcher'', ''supervisor'', ''leader'')
            and (j.centre = scope_unit() or starts_with(j.centre, scope_unit() || ''.''))))))', t, t, t = 'joint_entry');
  end loop;
  foreach t in array array['joint_strand', 'joint_meeting', 'joint_decision', 'joint_resource']
  loop
    execute format('create policy change on %I for update to chengshu_app using (exists (
      select 1 from joint j where j.id = %I.joint and j.ended_at is null and ((j.lead = scope_unit() and scope_role() = ''handler'')
        or (scope_role() in (''dispatcher'', ''supervisor'', ''leader'')
            and (j.centre = scope_unit() or starts_with(j.centre, scope_unit() || ''.''))))))', t, t);
  end loop;
end $$;
grant update (answer, answered_at, answered_by) on joint_strand to chengshu_app;
grant update (ended_at, summary) on joint_meeting to chengshu_app;
grant update (task) on joint_decision to chengshu_app;
grant update (arrived_at, arrived_by) on joint_resource to chengshu_app;
grant update (coming, words, answered_at, attended, person) on joint_call to chengshu_app;
create policy change on joint_call for update to chengshu_app using (exists (
  select 1 from joint j where j.id = joint_call.joint and j.ended_at is null
    and (joint_call.unit = scope_unit() or j.lead = scope_unit() or j.centre = scope_unit()
      or starts_with(j.centre, scope_unit() || '.'))));
-- Which reporter is of which strand is for those who see the reports.
grant update (strand, told_at) on joint_hearer to chengshu_app;
create policy run on joint_hearer to chengshu_app
  using (exists (select 1 from joint j where j.id = joint_hearer.joint)
    and exists (select 1 from membership m where m.report = joint_hearer.report))
  with check (exists (select 1 from joint j where j.id = joint_hearer.joint and j.ended_at is null)
    and exists (select 1 from membership m where m.report = joint_hearer.report));

create policy read on whistle for select to chengshu_app using (is_called(area, called || unit));
create policy blow on whistle for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader', 'handler') and unit = scope_unit() and account = scope_account()
    and area >= scope_area_lo() and area < scope_area_hi());
create policy read on whistle_call for select to chengshu_app
  using (exists (select 1 from whistle w where w.id = whistle_call.whistle));
create policy blow on whistle_call for insert to chengshu_app
  with check (exists (select 1 from whistle w where w.id = whistle_call.whistle and w.unit = scope_unit()));
grant update (timer, answered_at, words, actor, response_s, late) on whistle_call to chengshu_app;
create policy answer on whistle_call for update to chengshu_app
  using (unit = scope_unit() and scope_role() in ('handler', 'dispatcher', 'supervisor', 'leader'));

create policy read on passing for select to chengshu_app
  using (exists (select 1 from incident i where i.id = passing.incident));
create policy pass on passing for insert to chengshu_app
  with check (account = scope_account() and scope_role() in ('dispatcher', 'supervisor', 'leader')
    and (giver = scope_unit() or taker = scope_unit())
    and exists (select 1 from incident i where i.id = passing.incident));

create policy read on response for select to chengshu_app using (is_called(area, units || centre));
create policy declare on response for insert to chengshu_app
  with check (scope_role() in ('supervisor', 'leader') and centre = scope_unit()
    and area >= scope_area_lo() and area < scope_area_hi());
grant update (level, number, signer, declarer, units, ended_at) on response to chengshu_app;
create policy change on response for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and centre = scope_unit());
create policy read on response_level for select to chengshu_app
  using (exists (select 1 from response r where r.id = response_level.response));
create policy declare on response_level for insert to chengshu_app
  with check (exists (select 1 from response r where r.id = response_level.response and r.centre = scope_unit()));
create policy read on response_task for select to chengshu_app
  using (exists (select 1 from response r where r.id = response_task.response));
create policy declare on response_task for insert to chengshu_app
  with check (exists (select 1 from response r where r.id = response_task.response and r.centre = scope_unit()));

-- All orders of a command's incident, for its members: each sees how the others' parts stand.
create function joint_orders(of_joint bigint)
  returns table (id bigint, number text, unit text, stage text, assigned_at timestamptz, sign_due_at timestamptz,
                 due_at timestamptz, signed_at timestamptz, handled_at timestamptz, closed_at timestamptz, overdue boolean,
                 reply text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select o.id, o.number, o.unit, o.stage, o.assigned_at, o.sign_due_at, o.due_at, o.signed_at, o.handled_at, o.closed_at,
         o.overdue, o.reply
  from joint j join work_order o on o.incident = j.incident
  where j.id = of_joint and is_called(j.area, j.members) order by o.id
$$;
revoke execute on function joint_orders(bigint) from public;
grant execute on function joint_orders(bigint) to chengshu_app, chengshu_worker;

-- The lead may not write other units' orders; this one door gives a part to a member, for whoever runs the command.
create function joint_part(of_joint bigint, new_id bigint, new_number text, to_unit text, said text, at timestamptz,
                           sign_due timestamptz, due timestamptz, wakes timestamptz, nth int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into work_order (id, number, incident, unit, area, stage, instruction, assigned_at, sign_due_at, due_at,
                          escalate_at, changed_at, return_by, part, lead)
    select new_id, new_number, i.id, to_unit, i.area, 'assigned', said, at, sign_due, due, wakes, at, at, nth, false
    from joint j join incident i on i.id = j.incident
    where j.id = of_joint and j.ended_at is null and to_unit = any(j.members)
      and ((scope_role() = 'handler' and j.lead = scope_unit())
        or (scope_role() in ('dispatcher', 'supervisor', 'leader')
            and (j.centre = scope_unit() or starts_with(j.centre, scope_unit() || '.'))));
  if not found then
    raise exception 'parts are given by the centre that commands and by the lead' using errcode = 'insufficient_privilege';
  end if;
end $$;
revoke execute on function joint_part(bigint, bigint, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, int) from public;
grant execute on function joint_part(bigint, bigint, text, text, text, timestamptz, timestamptz, timestamptz, timestamptz, int) to chengshu_app;

-- The parent closes last, whichever way somebody tries: no rule above may be forgotten. P0001 with a hint is a
-- sentence for people, Chinese and English.
create function joint_guards_orders() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from joint j where j.incident = old.incident and j.ended_at is null
             and (j.lead_order = new.id or new.withdrawn_for is not null)) then
    raise exception '联动指挥未结束，牵头工单不能结案、退回或撤回'
      using hint = 'the joint command is running: its lead order cannot be closed, returned or withdrawn';
  end if;
  return new;
end $$;
create trigger joint_guards_orders before update of stage on work_order for each row
  when (new.stage in ('closed', 'returned', 'withdrawn', 'void') and old.stage is distinct from new.stage)
  execute function joint_guards_orders();
create function joint_guards_incidents() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from joint j where j.incident = new.id and j.ended_at is null) then
    raise exception '事件正在联动指挥，先结束联动指挥再办结、作废或并入别的事件'
      using hint = 'the incident is under joint command: end that before closing, voiding or merging it away';
  end if;
  return new;
end $$;
create trigger joint_guards_incidents before update of stage on incident for each row
  when (new.stage in ('closed', 'answered', 'refused', 'referred', 'void', 'merged') and old.stage is distinct from new.stage)
  execute function joint_guards_incidents();

-- 提级办理: what the tier above has taken over is not given out from below until it is given back.
create function taken_over_guards_orders() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare last passing;
begin
  if scope_unit() is null or scope_role() not in ('dispatcher', 'supervisor', 'leader') then
    return new;
  end if;
  select * into last from passing p where p.incident = new.incident order by p.id desc limit 1;
  if last.kind = 'take_over' and starts_with(scope_unit(), last.taker || '.') then
    raise exception '上级已提级办理，交回前本级不能派单'
      using hint = 'the tier above has taken it over: no orders from below until it is given back';
  end if;
  return new;
end $$;
create trigger taken_over_guards_orders before insert on work_order for each row execute function taken_over_guards_orders();
