-- merging and splitting by people can be taken back exactly

-- Withdrawn because two incidents were merged and another order leads: the incident it made way for.
-- Such an order counts against nobody.
alter table work_order add column withdrawn_for bigint references incident;

create table regroup (                         -- one merge or split by a person, and how it was before
  id bigint generated always as identity primary key,
  verb text not null check (verb in ('merge', 'split')),
  lead bigint not null references incident,    -- the one that was merged into, or split
  other bigint not null references incident,   -- the one that was merged, or split off
  at timestamptz not null,
  moved bigint[] not null,                     -- reports that changed their incident
  before jsonb not null,                       -- rows of incidents, orders and memberships
  after jsonb not null default '{}',           -- the same, to see what was done since
  derived jsonb,                               -- what merging had derived of both; null: make it anew
  undone_at timestamptz
);
create index regroup_lead on regroup (lead, id);
create index regroup_other on regroup (other, id);

alter table regroup enable row level security;
alter table regroup force row level security;
create policy worker on regroup to chengshu_worker using (true) with check (true);
grant select, insert, update, delete on regroup to chengshu_worker;
grant select, insert, update on regroup to chengshu_app;
-- whoever sees one of the two: a later act with an incident out of sight bars the undoing of an earlier one
create policy scope on regroup to chengshu_app
  using (exists (select 1 from incident i where i.id in (regroup.lead, regroup.other)))
  with check (exists (select 1 from incident i where i.id in (regroup.lead, regroup.other)));

grant delete on profile to chengshu_app;       -- put back as a whole

-- As before, but to the end of the way: the incident that hers was merged into may have been merged on.
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
                     and o.stage not in ('returned', 'withdrawn') order by o.id desc limit 1) o on true
  left join unit u on u.unit = o.unit
  where r.code = code_hash
$$;
