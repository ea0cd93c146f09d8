-- How a report relates to its incident: first, joined by somebody else, repeated by the same
-- person, or only urging. What was decided before: the earliest report of an incident was the
-- first, an earlier caller's was repeated; nobody looked for urging then.
alter table membership add column relation text not null default 'joined'
  check (relation in ('first', 'joined', 'repeated', 'urged'));
update membership m set relation = case when n.place = 1 then 'first' else 'repeated' end
from (
  select m.report, row_number() over (partition by m.incident order by r.said_at, r.id) place,
    r.caller <> '' and row_number() over (partition by m.incident, r.caller order by r.said_at, r.id) > 1 again
  from membership m join report r on r.id = m.report) n
where n.report = m.report and (n.place = 1 or n.again);
alter table incident add column urged int not null default 0;

create index incident_recurrence on incident (recurrence_of) where recurrence_of is not null;

-- 关联: two incidents that have to do with each other and are not the same. A pair is linked once.
create table link (
  one bigint not null references incident,
  other bigint not null references incident,
  kind text not null check (kind in ('related', 'recurrence')),
  reason text not null,
  account bigint,
  actor text not null,
  at timestamptz not null,
  primary key (one, other),
  check (one < other)
);
create index link_other on link (other);

-- 法定答复: what one complaint or denunciation is owed by law, whatever incident it is part of.
-- Which incident that is, membership says; here is only what belongs to the report itself.
create table reply (
  report bigint primary key references report,
  nature text not null check (nature in ('complaint', 'denunciation')),
  rule text not null,                          -- of the city's replies.toml, as it was then
  nameless boolean not null,                   -- an anonymous denunciation: decided, but nobody to tell
  accept_due_at timestamptz not null,
  accepted_at timestamptz,
  declined_at timestamptz,
  declined_because text,
  reply_due_at timestamptz,                    -- runs from acceptance; null before, and when nameless
  replied_at timestamptz,
  text text,
  account bigint,                              -- who acted last
  overdue boolean not null default false,      -- the clock that runs (or ran last) ran out
  changed_at timestamptz not null,
  -- the one clock that runs now; null: nothing is owed any more
  due_at timestamptz generated always as (
    case when replied_at is not null or declined_at is not null then null
         when accepted_at is null then accept_due_at
         else reply_due_at end) stored,
  check (accepted_at is null or declined_at is null),
  check ((declined_at is null) = (declined_because is null)),
  check ((replied_at is null) = (text is null))
);
create index reply_open on reply (due_at, report) where due_at is not null;
create index reply_clock on reply (due_at) where due_at is not null and not overdue;
create index reply_changed on reply (changed_at desc, report desc);

do $$
declare t text;
begin
  foreach t in array array['link', 'reply']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;

-- Whoever sees only one of the two learns nothing of the other.
grant select, insert, delete on link to chengshu_app;
create policy scope on link to chengshu_app
  using (exists (select 1 from incident i where i.id = link.one) and exists (select 1 from incident i where i.id = link.other))
  with check (exists (select 1 from incident i where i.id = link.one)
    and exists (select 1 from incident i where i.id = link.other));

-- A reply is seen by whoever sees the report, its citizen with her code among them; only those who
-- handle it write it. The desk makes one when it takes a report out of an incident.
grant select, insert, update on reply to chengshu_app;
create policy scope on reply for select to chengshu_app
  using (exists (select 1 from report r where r.id = reply.report));
create policy owe on reply for insert to chengshu_app
  with check (scope_role() in ('call_taker', 'dispatcher') and exists (select 1 from report r where r.id = reply.report));
create policy act on reply for update to chengshu_app
  using (scope_role() in ('call_taker', 'dispatcher', 'supervisor', 'handler')
     and exists (select 1 from report r where r.id = reply.report))
  with check (exists (select 1 from report r where r.id = reply.report));
