-- 地名地址库: estates, roads, schools and the like, each with its former and short names. Names of
-- places are no secret within the city: every role may read them, as it may read the areas.
create table site (
  id bigint generated always as identity primary key,
  name text not null,
  aliases text[] not null default '{}',
  kind text not null,
  area bigint not null references area,        -- its township; its county where that has none
  lon double precision,                        -- WGS-84
  lat double precision,
  check ((lon is null) = (lat is null)),
  unique (area, kind, name)
);
alter table site enable row level security;
alter table site force row level security;
create policy worker on site to chengshu_worker using (true) with check (true);
grant select, insert, update, delete on site to chengshu_worker;
create policy read on site for select to chengshu_app using (true);
grant select on site to chengshu_app;
