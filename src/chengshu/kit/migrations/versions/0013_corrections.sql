-- What a person put right of what was read in a message: training data, never changed afterwards.
create table correction (
  id bigint generated always as identity primary key,
  report bigint not null references report,
  kind text not null check (kind in ('danger', 'time', 'people', 'place', 'urgency', 'object', 'matter')),
  was text not null,                           -- as it was read; empty: nothing was read there
  now text not null,                           -- as it is; empty: it is nothing of that kind
  first int not null check (first >= 0),       -- the span in the report's text, in characters
  last int not null check (last >= first),
  account bigint,
  actor text not null,
  at timestamptz not null
);
create index correction_report on correction (report);
create index correction_kind on correction (kind, at);

-- 转接建议: a message sounded dangerous, and a person proposed to hand it to 110, 119 or 120.
create table emergency (
  report bigint not null references report,
  service text not null check (service in ('110', '119', '120')),
  reason text not null default '',
  account bigint,
  actor text not null,
  at timestamptz not null,
  primary key (report, service)
);

-- 部件: located objects, each with its unit grid, its class and whom it belongs to.
create table component (
  id text primary key,                         -- the city's own number (部件标识码)
  class text not null check (class ~ '^0[1-5][0-9]{2}$'),
  name text not null,
  grid text not null,                          -- 单元网格 code
  owner text not null default '',              -- 权属单位, as the city names it
  unit text references unit (unit),              -- the same as one of our units, where it is one
  lon float8 not null check (lon between -180 and 180),
  lat float8 not null check (lat between -90 and 90),
  area bigint not null,
  valid boolean not null default true          -- false: it was taken away
);
create index component_near on component (class, lat, lon) where valid;

do $$
declare t text;
begin
  foreach t in array array['correction', 'emergency', 'component']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;

-- Whoever sees a report sees what was put right in it; those who take reports put it right.
grant select, insert on correction, emergency to chengshu_app;
create policy scope on correction for select to chengshu_app
  using (scope_role() not in ('gate', 'relay', 'channel', 'citizen') and exists (select 1 from report r where r.id = correction.report));
create policy correct on correction for insert to chengshu_app
  with check (scope_role() in ('call_taker', 'dispatcher', 'supervisor') and account = scope_account()
    and exists (select 1 from report r where r.id = correction.report));
create policy scope on emergency for select to chengshu_app
  using (scope_role() not in ('gate', 'relay', 'channel', 'citizen') and exists (select 1 from report r where r.id = emergency.report));
create policy propose on emergency for insert to chengshu_app
  with check (scope_role() in ('call_taker', 'dispatcher', 'supervisor') and account = scope_account()
    and exists (select 1 from report r where r.id = emergency.report));

-- Where a lamp stands and whose it is, is no secret within the city.
grant select on component to chengshu_app;
create policy read on component for select to chengshu_app
  using (scope_role() not in ('gate', 'relay', 'channel', 'citizen'));
