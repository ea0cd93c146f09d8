-- The whole chain of an order: filing before it, checks, call-backs and reviews after it, the problem bank beside it.

alter table work_order
  add column lead boolean not null default true,          -- 主办; false: 协办
  add column handlings int not null default 1 check (handlings in (1, 2)), -- 2: 二次办理
  add column follows bigint references work_order,        -- 改派, 提级: the order whose place it took
  add column false_closing boolean not null default false, -- 虚假办结: what the reply said was not so
  add column was_overdue boolean not null default false,  -- it was late before it was opened again
  add column document text;                               -- 文号 of the evidence, where it is no file
create index work_order_follows on work_order (follows) where follows is not null;
create index work_order_closed on work_order (closed_at) where stage = 'closed';
alter table work_order add constraint work_order_stage check (stage in ('assigned', 'signed', 'handled', 'verified',
  'shelved', 'closed', 'archived', 'returned', 'withdrawn', 'void'));

-- A shelved order is somebody's still: the unit is not given a second one.
drop index work_order_one_live;
create unique index work_order_one_live on work_order (incident, unit)
  where stage in ('assigned', 'signed', 'handled', 'verified', 'shelved');

-- One order of an incident leads among those that live. The owner sees to it, because whoever acts may not
-- see every order: a new one assists where another leads, one that takes the lead takes it from the others.
create function one_leads() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.lead and exists (select 1 from work_order o where o.incident = new.incident and o.id <> new.id and o.lead
      and o.stage in ('assigned', 'signed', 'handled', 'verified', 'shelved')) then
    new.lead := false;
  end if;
  return new;
end $$;
revoke execute on function one_leads() from public;
create trigger work_order_one_leads before insert or update of incident on work_order
  for each row execute function one_leads();
create function take_lead() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update work_order set lead = false where incident = new.incident and id <> new.id and lead;
  return null;
end $$;
revoke execute on function take_lead() from public;
create trigger work_order_take_lead after update of lead, stage on work_order for each row
  when (new.lead and new.stage in ('assigned', 'signed', 'handled', 'verified', 'shelved')
        and not (old.lead and old.stage in ('assigned', 'signed', 'handled', 'verified', 'shelved')))
  execute function take_lead();

-- How far the orders of an incident are, and which lead; as before, for whoever has one of them or the area.
drop function order_stages(bigint);
create function order_stages(incident_id bigint) returns table (stage text, lead boolean)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select o.stage, o.lead from work_order o where o.incident = incident_id and exists (
    select 1 from work_order mine where mine.incident = incident_id
      and ((mine.area >= scope_area_lo() and mine.area < scope_area_hi())
        or mine.unit = scope_unit() or (mine.unit > scope_unit() || '.' and mine.unit < scope_unit() || '/')))
$$;
revoke execute on function order_stages(bigint) from public;
grant execute on function order_stages(bigint) to chengshu_app, chengshu_worker;

-- As before, with the stage that is new: a centre whose order of this incident is shelved keeps that one.
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
    on conflict (incident, unit) where stage in ('assigned', 'signed', 'handled', 'verified', 'shelved') do nothing;
  select o.id into found from work_order o where o.incident = of_incident and o.unit = to_unit
    and o.stage in ('assigned', 'signed', 'handled', 'verified', 'shelved');
  return found;
end $$;

create table filing (                          -- 立案: by which business line an incident goes, and since when
  incident bigint primary key references incident,
  line text not null,                          -- words.toml
  registered_at timestamptz,                   -- null: no order may be given yet
  account bigint,
  actor text not null default '',
  asked_at timestamptz,                        -- 核实: somebody is to look before it is filed
  asked_words text not null default '',
  confirmed boolean,                           -- what she found
  confirmed_at timestamptz,
  confirmed_by text not null default '',
  confirmed_words text not null default '',
  check ((confirmed is null) = (confirmed_at is null))
);

create table inspection (                      -- 核查: whether what a unit replied is so
  id bigint generated always as identity primary key,
  work_order bigint not null references work_order,
  kind text not null check (kind in ('grid', 'sample', 'centre')),
  asked_at timestamptz not null,
  due_at timestamptz not null,
  unit text collate "C" not null references unit, -- whose people look; never the unit that handled
  account bigint,
  passed boolean,
  untrue boolean not null default false,       -- the reply said what was not so
  words text not null default '',
  done_at timestamptz,
  check (passed is null or done_at is not null)
);
create index inspection_order on inspection (work_order);
create unique index inspection_open on inspection (work_order) where done_at is null;
create index inspection_due on inspection (due_at) where done_at is null;

create table callback_task (                   -- 回访: one for each time that an incident is closed
  incident bigint not null references incident,
  round int not null check (round > 0),
  script text not null,                        -- checks.toml
  opened_at timestamptz not null,
  due_at timestamptz not null,
  next_at timestamptz not null,                -- not before this instant
  attempts int not null default 0 check (attempts between 0 and 9),
  ended_at timestamptz,
  result text check (result in ('satisfied', 'basic', 'unsatisfied', 'no_answer', 'refused', 'unreasonable', 'lapsed')),
  primary key (incident, round),
  check ((ended_at is null) = (result is null))
);
create index callback_task_open on callback_task (due_at) where ended_at is null;

create table callback (                        -- one attempt, or a citizen's own rating
  id bigint generated always as identity primary key,
  incident bigint not null references incident,
  work_order bigint not null references work_order,
  report bigint references report,
  round int not null default 1,
  attempt int not null,
  at timestamptz not null,
  channel text not null check (channel in ('phone', 'sms', 'web')),
  outcome text not null check (outcome in ('satisfied', 'basic', 'unsatisfied', 'no_answer', 'refused')),
  words text not null default '',
  account bigint,
  reasonable boolean,                          -- false: an unreasonable demand, upheld by a second person
  check ((channel = 'phone') = (account is not null))
);
create index callback_incident on callback (incident, round);
create index callback_order on callback (work_order);
create unique index callback_rated_once on callback (report, round) where channel <> 'phone';

create table review (                          -- 复核: a second person looks at an unreasonable demand
  id bigint generated always as identity primary key,
  callback bigint not null unique references callback,
  incident bigint not null references incident,
  asked_at timestamptz not null,
  account bigint not null,
  actor text not null,
  unit text collate "C" not null references unit,
  evidence text not null,
  done_at timestamptz,
  done_by bigint,
  done_actor text not null default '',
  upheld boolean,
  words text not null default '',
  check ((done_at is null) = (upheld is null)),
  constraint review_second_person check (done_by is null or done_by <> account)
);
create index review_open on review (asked_at) where done_at is null;

create table quality (                         -- 质检: a reply or a call-back against a score sheet
  id bigint generated always as identity primary key,
  work_order bigint not null references work_order,
  callback bigint references callback,         -- null: the reply is judged, else the call
  at timestamptz not null,
  account bigint not null,
  actor text not null,
  scores jsonb not null,
  total int not null check (total between 0 and 100),
  words text not null default ''
);
create unique index quality_reply_once on quality (work_order) where callback is null;
create unique index quality_call_once on quality (callback) where callback is not null;

create table shelving (                        -- 挂账: in the problem bank
  id bigint generated always as identity primary key,
  work_order bigint not null references work_order,
  incident bigint not null references incident,
  unit text collate "C" not null references unit,
  state text not null check (state in ('proposed', 'approved', 'refused', 'resumed', 'closed', 'lapsed')),
  condition text not null,                     -- what must happen before it can be done
  review_on date not null,
  public_reason text not null,                 -- what citizens are told
  proposed_at timestamptz not null,
  account bigint,
  actor text not null,
  decided_at timestamptz,
  decided_by bigint,
  decided_actor text not null default '',
  decided_unit text collate "C" references unit,
  decided_words text not null default '',
  ended_at timestamptz,
  ended_actor text not null default '',
  ended_words text not null default '',
  timer timestamptz,                           -- when the approving centre is reminded of the review
  reminded int not null default 0,
  constraint shelving_second_person check (decided_by is null or account is null or decided_by <> account)
);
create unique index shelving_one_open on shelving (work_order) where state in ('proposed', 'approved');
create index shelving_incident on shelving (incident);
create index shelving_timer on shelving (timer) where timer is not null;

do $$
declare t text;
begin
  foreach t in array array['filing', 'inspection', 'callback_task', 'callback', 'review', 'quality', 'shelving']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to chengshu_worker', t);
    execute format('grant select, insert, update on %I to chengshu_app', t);
  end loop;
  -- whoever sees the incident
  foreach t in array array['filing', 'callback_task', 'shelving']
  loop
    execute format('create policy scope on %I to chengshu_app using (exists (select 1 from incident i where i.id = %I.incident))
      with check (exists (select 1 from incident i where i.id = %I.incident))', t, t, t);
  end loop;
end $$;

-- Whoever sees the order sees how it was checked and what its quality was; she who acts writes in her own name.
create policy read on inspection for select to chengshu_app
  using (exists (select 1 from work_order o where o.id = inspection.work_order));
create policy ask on inspection for insert to chengshu_app
  with check (exists (select 1 from work_order o where o.id = inspection.work_order and o.unit <> inspection.unit
                      or o.id = inspection.work_order and position('.' in o.unit) = 0));
create policy done on inspection for update to chengshu_app
  using (done_at is null and scope_role() in ('call_taker', 'dispatcher', 'supervisor', 'grid_worker', 'leader')
    and exists (select 1 from work_order o where o.id = inspection.work_order))
  with check (account is null or account = scope_account());

-- A call-back's words are for those who ring and verify; the unit reads them too, it must do better.
create policy read on callback for select to chengshu_app
  using (exists (select 1 from incident i where i.id = callback.incident)
      or (scope_role() = 'citizen' and channel <> 'phone' and exists (select 1 from report r where r.id = callback.report)));
create policy write on callback for insert to chengshu_app
  with check (scope_role() in ('call_taker', 'dispatcher', 'supervisor') and account = scope_account()
    and channel = 'phone' and exists (select 1 from incident i where i.id = callback.incident));
create policy judge on callback for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and exists (select 1 from incident i where i.id = callback.incident));

create policy read on review for select to chengshu_app
  using (exists (select 1 from incident i where i.id = review.incident));
create policy ask on review for insert to chengshu_app
  with check (scope_role() in ('call_taker', 'dispatcher', 'supervisor') and account = scope_account() and done_at is null
    and exists (select 1 from incident i where i.id = review.incident));
create policy done on review for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and done_at is null and account <> scope_account()
    and exists (select 1 from incident i where i.id = review.incident))
  with check (done_by = scope_account());

create policy read on quality for select to chengshu_app
  using (exists (select 1 from work_order o where o.id = quality.work_order));
create policy write on quality for insert to chengshu_app
  with check (scope_role() in ('supervisor', 'analyst') and account = scope_account()
    and exists (select 1 from work_order o where o.id = quality.work_order));

-- A citizen rates her own report once after each closing. She may see neither incident nor order: this door
-- looks whether it is closed, writes her answer and tells no more than that.
create function rate_report(code_hash text, said text, said_words text, via text, said_at timestamptz)
  returns table (state text, rated bigint)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare of_report bigint; of_incident bigint; of_order bigint; now_round int; made bigint;
begin
  if scope_role() is distinct from 'citizen' or scope_code() is distinct from code_hash or via not in ('web', 'sms') then
    raise exception 'a rating needs the follow-up code' using errcode = 'insufficient_privilege';
  end if;
  select r.id into of_report from report r where r.code = code_hash;
  with recursive way as (
    select i.id, i.merged_into, 0 as far from membership m join incident i on i.id = m.incident where m.report = of_report
    union all
    select i.id, i.merged_into, w.far + 1 from way w join incident i on i.id = w.merged_into where w.far < 1000)
  select i.id into of_incident from incident i
    where i.id = (select w.id from way w order by w.far desc limit 1) and i.stage = 'closed';
  select o.id into of_order from work_order o where o.incident = of_incident and o.stage in ('closed', 'archived')
    order by o.lead desc, o.id desc limit 1;
  if of_order is null then
    return query select 'open'::text, null::bigint;
    return;
  end if;
  select greatest(1, coalesce(max(t.round), 1)) into now_round from callback_task t where t.incident = of_incident;
  insert into callback (incident, work_order, report, round, attempt, at, channel, outcome, words)
    values (of_incident, of_order, of_report, now_round, 1, said_at, via, said, said_words)
    on conflict (report, round) where channel <> 'phone' do nothing returning id into made;
  return query select case when made is null then 'rated' else 'ok' end, made;
end $$;
revoke execute on function rate_report(text, text, text, text, timestamptz) from public;
grant execute on function rate_report(text, text, text, text, timestamptz) to chengshu_app;

-- As before; a void order is none.
create or replace function follow_report(code_hash text)
  returns table (said_at timestamptz, stage text, unit_name text, assigned_at timestamptz, due_at timestamptz,
                 answer text, closed_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with recursive way as (
    select i.id, i.merged_into, 0 as far
    from report r join membership m on m.report = r.id join incident i on i.id = m.incident where r.code = code_hash
    union all
    select i.id, i.merged_into, w.far + 1 from way w join incident i on i.id = w.merged_into where w.far < 1000)
  select r.said_at, coalesce(i.stage, 'waiting'), u.name, o.assigned_at, i.due_at, i.answer, i.closed_at
  from report r
  left join lateral (select w.id from way w order by w.far desc limit 1) last on true
  left join incident i on i.id = last.id
  left join lateral (select o.unit, o.assigned_at from work_order o where o.incident = i.id
                     and o.stage not in ('returned', 'withdrawn', 'void') order by o.lead desc, o.id desc limit 1) o on true
  left join unit u on u.unit = o.unit
  where r.code = code_hash
$$;
