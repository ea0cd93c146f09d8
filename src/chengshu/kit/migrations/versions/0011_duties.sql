-- 职责清单: every version whole, one of them active. Rows are never changed: an edit is a new version.
create table duty_version (
  version int primary key,
  made_at timestamptz not null,
  made_by text not null default '',            -- login, empty for the command line
  maker bigint references account,
  source text not null,                        -- folder, the name of a file, or workbench
  state text not null check (state in ('draft', 'active', 'retired')),
  note text not null default '',
  based_on int references duty_version,
  activated_at timestamptz,
  activated_by text not null default '',
  reason text not null default ''
);
create unique index duty_version_active on duty_version (state) where state = 'active';

create table duty (
  version int not null references duty_version,
  position int not null,
  matter text not null,
  stage text not null,
  row jsonb not null,                          -- as agencies.duties.fields writes and reads it
  primary key (version, position)
);
create index duty_matter on duty (matter, version);
create trigger duty_append_only before update or delete on duty
  for each row execute function refuse_change();
create trigger duty_version_stays before delete on duty_version
  for each row execute function refuse_change();

alter table duty_version enable row level security;
alter table duty_version force row level security;
alter table duty enable row level security;
alter table duty force row level security;
create policy worker on duty_version to chengshu_worker using (true) with check (true);
create policy worker on duty to chengshu_worker using (true) with check (true);

-- Who is responsible for what is no secret within the city: everybody with a login reads it.
create policy read on duty_version for select to chengshu_app
  using (scope_role() not in ('gate', 'relay', 'channel', 'citizen'));
create policy read on duty for select to chengshu_app
  using (scope_role() not in ('gate', 'relay', 'channel', 'citizen'));
create policy draft on duty_version for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor') and state = 'draft' and maker = scope_account());
create policy draft on duty for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor')
    and exists (select 1 from duty_version v where v.version = duty.version and v.state = 'draft' and v.maker = scope_account()));
create policy activate on duty_version for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader')) with check (scope_role() in ('supervisor', 'leader'));
grant select, insert on duty_version, duty to chengshu_app, chengshu_worker;
grant update (state, activated_at, activated_by, reason) on duty_version to chengshu_app, chengshu_worker;
