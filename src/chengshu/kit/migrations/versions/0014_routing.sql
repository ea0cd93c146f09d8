-- Routing learns from every correction at once. No table here holds a word of a report: a lesson keeps
-- the numbered features of the text, which cannot be read back.
create table routing_lesson (
  id bigint generated always as identity primary key,
  incident bigint not null references incident,
  proposed text collate "C" not null default '',   -- what stood first; empty when nothing did
  unit text collate "C" not null references unit,  -- where a person sent it
  power text not null,                             -- line and tier of that unit
  buckets int[] not null,
  amounts real[] not null,
  account bigint,
  at timestamptz not null,
  check (cardinality(buckets) = cardinality(amounts))
);
create index routing_lesson_incident on routing_lesson (incident);

create table routing_count (                       -- who settled what where; counted anew every night
  matter text not null,
  county bigint not null,                          -- 0: the county is not known
  unit text collate "C" not null,
  settled int not null check (settled > 0),
  primary key (matter, county, unit)
);

create table routing_version (                     -- calibrations after the shipped one, which is number 0
  version int primary key check (version > 0),
  mix jsonb not null,
  figures jsonb not null,
  made_at timestamptz not null,
  state text not null check (state in ('proposed', 'active', 'retired', 'dropped')),
  activated_at timestamptz,
  activated_by text not null default '',
  reason text not null default ''
);
create unique index routing_version_active on routing_version (state) where state = 'active';
create unique index routing_version_proposed on routing_version (state) where state = 'proposed';

do $$
declare t text;
begin
  foreach t in array array['routing_lesson', 'routing_count', 'routing_version']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;

-- What was learnt decides for the whole city: every process reads it, but not whose it was. A lesson is
-- given by whoever sees the incident.
grant select (id, power, buckets, amounts), insert on routing_lesson to chengshu_app;
create policy read on routing_lesson for select to chengshu_app using (true);
create policy teach on routing_lesson for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader', 'handler')
    and account = scope_account()
    and exists (select 1 from incident i where i.id = routing_lesson.incident));
grant select on routing_count to chengshu_app;
create policy read on routing_count for select to chengshu_app using (true);
grant select, update on routing_version to chengshu_app;
create policy read on routing_version for select to chengshu_app using (true);
create policy switch on routing_version for update to chengshu_app
  using (scope_role() in ('analyst', 'supervisor') and exists (
    select 1 from area a where a.level = 'city' and a.code >= scope_area_lo() and a.code < scope_area_hi()));
