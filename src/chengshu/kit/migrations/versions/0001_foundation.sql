-- The first schema. Every table that holds a city's business has row-level security forced
-- from here on; the serving roles own nothing and cannot bypass it.
--
-- Scope is set for one transaction by agencies.scope: chengshu.role, chengshu.account,
-- chengshu.unit (a dotted path), chengshu.area_lo/area_hi (half-open range of area codes),
-- chengshu.source (whose numbering a report's channel id is), chengshu.code (the keyed hash of
-- a citizen's follow-up code). No scope, no rows: an unset or emptied
-- setting reads as NULL and every comparison with it fails.

create function scope_role() returns text language sql stable parallel safe
  return nullif(current_setting('chengshu.role', true), '');
create function scope_account() returns bigint language sql stable parallel safe
  return nullif(current_setting('chengshu.account', true), '')::bigint;
create function scope_unit() returns text language sql stable parallel safe
  return nullif(current_setting('chengshu.unit', true), '');
create function scope_area_lo() returns bigint language sql stable parallel safe
  return nullif(current_setting('chengshu.area_lo', true), '')::bigint;
create function scope_area_hi() returns bigint language sql stable parallel safe
  return nullif(current_setting('chengshu.area_hi', true), '')::bigint;
create function scope_source() returns text language sql stable parallel safe
  return nullif(current_setting('chengshu.source', true), '');

create function scope_code() returns text language sql stable parallel safe
  return nullif(current_setting('chengshu.code', true), '');

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'history in % is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

-- ---------------------------------------------------------------- kit: outbox and live changes
create table outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  key bigint not null,                         -- the report, incident or order it is about
  body jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default '-infinity', -- not before this instant
  attempts int not null default 0,
  failed text,                                 -- why the last attempt failed
  set_aside_at timestamptz                     -- poison: not tried again until a person says so
);
create index outbox_waiting on outbox (topic, id) where set_aside_at is null;
create index outbox_key on outbox (topic, key, id) where set_aside_at is null;

create table change (                          -- what open pages must hear; pruned after an hour
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  kind text not null,                          -- incident | order | report
  subject bigint not null,
  area bigint not null,
  at timestamptz not null default clock_timestamp()
);
create index change_xid on change (xid);

-- ---------------------------------------------------------------- places
create table area (
  code bigint primary key,
  level text not null check (level in ('city', 'county', 'township', 'community', 'grid')),
  name text not null,
  short text not null,
  name_en text not null default '',
  lon double precision,
  lat double precision,
  aliases text[] not null default '{}',
  special boolean not null default false       -- 专属网格
);

-- ---------------------------------------------------------------- agencies
create table unit (
  unit text collate "C" primary key check (unit ~ '^[a-z0-9]+(\.[a-z0-9]+)*$'),
  name text not null,
  name_en text not null default '',
  short text not null,
  kind text not null check (kind in ('centre', 'bureau', 'company')),
  tier text not null check (tier in ('city', 'county', 'township')),
  line text not null default '',
  area bigint not null references area
);
create index unit_line on unit (line, area);

create table account (
  id bigint primary key,
  login text not null unique,
  name text not null,
  password_hash text not null,
  role text not null check (role in ('call_taker', 'dispatcher', 'handler', 'grid_worker', 'supervisor',
    'analyst', 'leader', 'system_admin', 'security_admin', 'audit_admin')),
  unit text collate "C" not null references unit,
  grid bigint references area,                 -- a grid worker's own grid
  active boolean not null default true,
  failures int not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null
);

create table session (
  token_hash bytea primary key,
  account bigint not null references account,
  csrf text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  address text not null default ''
);
create index session_account on session (account);

create table credential (                      -- an outside system's key
  id bigint primary key,
  name text not null,
  key_hash bytea not null unique,
  channels text[] not null,
  active boolean not null default true,
  created_at timestamptz not null
);

create table audit (                           -- security-relevant acts that are not steps of an incident
  id bigint generated always as identity primary key,
  at timestamptz not null,
  account bigint,
  role text,
  act text not null,                           -- login, reveal, export, account_changed, retention …
  subject text not null default '',
  detail jsonb not null default '{}',
  address text not null default ''
);
create index audit_at on audit (at);

-- ---------------------------------------------------------------- incidents
create sequence number_seq;

create table incident (                        -- 事件: one happening, many reports
  id bigint primary key,
  number text not null unique,
  title text not null,
  matter text not null,
  domain text not null,
  stage text not null,
  urgency smallint not null default 1 check (urgency between 1 and 3),
  danger boolean not null default false,
  area bigint not null,
  place text not null default '',              -- as people said it
  lon double precision,
  lat double precision,
  spread_m double precision not null default 0,
  reports int not null default 1,
  people int not null default 1,
  first_at timestamptz not null,               -- when it was first said to happen
  last_at timestamptz not null,
  opened_at timestamptz not null,              -- when our clocks began
  due_at timestamptz,
  overdue boolean not null default false,
  closed_at timestamptz,
  answer text,
  answer_source text,
  merged_into bigint references incident,
  recurrence_of bigint references incident,
  imported boolean not null default false,
  changed_at timestamptz not null
);
create index incident_area on incident (area, opened_at desc);
create index incident_opened on incident (opened_at desc);
create index incident_open on incident (stage, opened_at desc) where merged_into is null and closed_at is null;
create index incident_merged on incident (merged_into) where merged_into is not null;

create table profile (                         -- what merging remembers of an incident
  incident bigint primary key references incident,
  body jsonb not null                          -- words and weights, places, sums of positions, callers
);

create table posting (                         -- merging's candidates: newest incidents per key
  term bigint not null,
  seen timestamptz not null,
  incident bigint not null references incident
);
create index posting_term on posting (term, seen desc) include (incident);
create index posting_incident on posting (incident);

create table term_count (term bigint primary key, reports bigint not null);

create table word (                            -- full-text search, words cut by rjieba
  term bigint not null,
  area bigint not null,
  incident bigint not null references incident
);
create unique index word_term on word (term, area, incident);
create index word_incident on word (incident);

-- ---------------------------------------------------------------- intake
create table report (                          -- 线索: one message, never edited
  id bigint primary key,
  channel text not null,
  source text not null,                        -- whose numbering channel_id is
  channel_id text not null,
  received_at timestamptz not null,            -- when we got it
  said_at timestamptz not null,                -- when the reporter said it
  title text not null default '',
  text text not null,
  nature text not null check (nature in ('inquiry', 'help', 'complaint', 'denunciation', 'suggestion', 'praise')),
  place text not null default '',
  area bigint not null,
  lon double precision,
  lat double precision,
  accuracy_m double precision,
  caller text not null default '',             -- keyed hash of the phone, for repeats; never shown
  anonymous boolean not null default false,
  confidential boolean not null default false,
  imported boolean not null default false,
  recording text not null default '',
  code text not null,                          -- the citizen's follow-up code, keyed hash
  taken_by bigint,                             -- account
  unit text collate "C",                       -- where it was taken
  body_hash bytea not null,
  extra jsonb not null default '{}',
  unique (source, channel, channel_id)
);
create index report_received on report (received_at desc);
create index report_caller on report (caller, received_at desc) where caller <> '';
create unique index report_code on report (code);

create table membership (                      -- which incident a report belongs to, and why
  report bigint primary key references report,
  incident bigint not null references incident,
  outcome text not null check (outcome in ('opened', 'merged', 'moved')),
  probability real,
  clues jsonb not null default '[]',
  at timestamptz not null
);
create index membership_incident on membership (incident);

create table suggestion (                      -- «maybe the same», for a person
  id bigint primary key,
  incident bigint not null references incident,
  other bigint not null references incident,
  probability real not null,
  clues jsonb not null,
  state text not null default 'open' check (state in ('open', 'accepted', 'refused')),
  at timestamptz not null,
  unique (incident, other)
);

create table reporter (                        -- personal data, apart and encrypted
  report bigint primary key references report,
  key_version int not null,
  sealed bytea not null,                       -- name, phone, identity
  masked text not null default '',             -- 陈** 138****0000
  confidential boolean not null,
  erased_at timestamptz
);

create table attachment (
  id bigint primary key,
  report bigint references report,
  work_order bigint,
  name text not null,
  kind text not null,
  bytes int not null,
  digest bytea not null,
  content bytea not null,
  at timestamptz not null,
  account bigint
);
create index attachment_report on attachment (report);
create index attachment_order on attachment (work_order);

-- ---------------------------------------------------------------- dispatch
create table work_order (                      -- 工单: one instruction to one unit
  id bigint primary key,
  number text not null unique,
  incident bigint not null references incident,
  unit text collate "C" not null references unit,
  area bigint not null,
  stage text not null,
  instruction text not null default '',
  assigned_at timestamptz not null,
  sign_due_at timestamptz,
  due_at timestamptz,
  signed_at timestamptz,
  handled_at timestamptz,
  closed_at timestamptz,
  escalate_at timestamptz,                     -- the one timer; null: nothing to wake for
  escalated smallint not null default 0,
  overdue boolean not null default false,
  returns smallint not null default 0,
  reply text,
  changed_at timestamptz not null
);
create index work_order_incident on work_order (incident);
create index work_order_unit on work_order (unit, stage, due_at);
create index work_order_timer on work_order (escalate_at) where escalate_at is not null;
create unique index work_order_one_live on work_order (incident, unit)
  where stage in ('assigned', 'signed', 'handled', 'verified');
alter table attachment add foreign key (work_order) references work_order;

create table proposal (                        -- which unit, and why
  incident bigint not null references incident,
  rank smallint not null,
  unit text collate "C" not null references unit,
  probability real not null,
  clues jsonb not null,
  at timestamptz not null,
  primary key (incident, rank)
);

create table step (                            -- history; appended, never changed
  id bigint generated always as identity primary key,
  incident bigint not null references incident,
  work_order bigint references work_order,
  at timestamptz not null,
  account bigint,                              -- null: the system itself
  actor text not null,
  unit text not null default '',
  verb text not null,
  from_stage text,
  to_stage text,
  reason text not null default '',
  detail jsonb not null default '{}',
  address text not null default ''
);
create index step_incident on step (incident, id);
create index step_order on step (work_order) where work_order is not null;

create table notice (                          -- what a reporter or unit is to be told
  id bigint generated always as identity primary key,
  report bigint references report,
  unit text collate "C",
  incident bigint references incident,
  text text not null,
  at timestamptz not null,
  read_at timestamptz
);
create index notice_unit on notice (unit, at desc);
create index notice_report on notice (report);

create trigger step_append_only before update or delete on step for each row execute function refuse_change();
create trigger audit_append_only before update or delete on audit for each row execute function refuse_change();

-- ---------------------------------------------------------------- row-level security
do $$
declare t text;
begin
  foreach t in array array['outbox', 'change', 'area', 'unit', 'account', 'session', 'credential', 'audit',
    'incident', 'profile', 'posting', 'term_count', 'word', 'report', 'membership', 'suggestion', 'reporter',
    'attachment', 'work_order', 'proposal', 'step', 'notice']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;
revoke update, delete on step, audit from chengshu_worker;
grant usage on sequence number_seq to chengshu_app, chengshu_worker;

-- the serving role: only what a request needs
grant select on area, unit to chengshu_app;
create policy read on area for select to chengshu_app using (true);
create policy read on unit for select to chengshu_app using (true);

grant select, insert, update on account to chengshu_app;
create policy gate on account for select to chengshu_app using (scope_role() = 'gate' or id = scope_account());
create policy gate_mark on account for update to chengshu_app
  using (scope_role() = 'gate') with check (scope_role() = 'gate');
create policy admin on account to chengshu_app
  using (scope_role() in ('system_admin', 'security_admin'))
  with check (scope_role() in ('system_admin', 'security_admin'));
create policy names on account for select to chengshu_app using (scope_role() = 'audit_admin');

grant select, insert, update, delete on session to chengshu_app;
create policy gate on session to chengshu_app using (scope_role() = 'gate') with check (scope_role() = 'gate');
create policy ended on session to chengshu_app using (scope_role() = 'security_admin');

grant select, insert, update on credential to chengshu_app;
create policy gate on credential for select to chengshu_app using (scope_role() = 'gate');
create policy admin on credential to chengshu_app
  using (scope_role() = 'security_admin') with check (scope_role() = 'security_admin');

grant insert, select on audit to chengshu_app;
create policy write on audit for insert to chengshu_app with check (true);
create policy read on audit for select to chengshu_app using (scope_role() = 'audit_admin');

grant insert, select, update on outbox to chengshu_app;
create policy write on outbox for insert to chengshu_app with check (true);
create policy read on outbox for select to chengshu_app using (scope_role() = 'system_admin');
create policy again on outbox for update to chengshu_app using (scope_role() = 'system_admin' and set_aside_at is not null)
  with check (scope_role() = 'system_admin');

grant insert, select on change to chengshu_app;
create policy write on change for insert to chengshu_app with check (true);
create policy relay on change for select to chengshu_app using (scope_role() = 'relay');

-- An order is the unit's own (and of the units above it), or lies in the centre's area.
grant select, insert, update on work_order to chengshu_app;
create policy scope on work_order to chengshu_app
  using ((area >= scope_area_lo() and area < scope_area_hi())
      or unit = scope_unit() or (unit > scope_unit() || '.' and unit < scope_unit() || '/'));

-- An incident lies in the centre's area, or the unit has an order of it.
grant select, insert, update on incident to chengshu_app;
create policy scope on incident to chengshu_app
  using ((area >= scope_area_lo() and area < scope_area_hi())
      or exists (select 1 from work_order o where o.incident = incident.id
                 and (o.unit = scope_unit() or (o.unit > scope_unit() || '.' and o.unit < scope_unit() || '/'))))
  with check (scope_role() is not null);

grant select, insert on report to chengshu_app;
create policy scope on report for select to chengshu_app
  using ((area >= scope_area_lo() and area < scope_area_hi())
      or (source = scope_source() and scope_role() <> 'citizen')
      or (code = scope_code() and scope_role() = 'citizen')
      or exists (select 1 from membership m join incident i on i.id = m.incident where m.report = report.id));
create policy submit on report for insert to chengshu_app with check (scope_role() is not null and source = scope_source());

do $$
declare t text;
begin
  foreach t in array array['membership', 'proposal', 'step', 'suggestion', 'profile', 'posting']
  loop
    execute format('create policy scope on %I to chengshu_app using (exists (select 1 from incident i where i.id = %I.incident))
      with check (exists (select 1 from incident i where i.id = %I.incident))', t, t, t);
  end loop;
end $$;
grant select, insert, update on membership, proposal, suggestion, profile to chengshu_app;
grant delete on proposal to chengshu_app;
grant select, insert on step to chengshu_app;
grant select, insert, update, delete on posting to chengshu_app;
grant select on term_count to chengshu_app;
create policy read on term_count for select to chengshu_app using (true);

grant select, insert, update, delete on word to chengshu_app;
create policy scope on word to chengshu_app
  using ((area >= scope_area_lo() and area < scope_area_hi())
      or exists (select 1 from incident i where i.id = word.incident))
  with check (exists (select 1 from incident i where i.id = word.incident));

-- Whoever reported: only those who may call back; never of a confidential report outside the centre that took it.
grant select, insert on reporter to chengshu_app;
create policy submit on reporter for insert to chengshu_app with check (scope_role() is not null);
create policy scope on reporter for select to chengshu_app
  using (scope_role() in ('call_taker', 'dispatcher', 'supervisor', 'handler')
     and exists (select 1 from report r where r.id = reporter.report)
     and (not confidential or (scope_role() in ('call_taker', 'dispatcher', 'supervisor') and scope_area_lo() is not null)));

grant select, insert on attachment to chengshu_app;
create policy scope on attachment for select to chengshu_app
  using (exists (select 1 from report r where r.id = attachment.report)
      or exists (select 1 from work_order o where o.id = attachment.work_order));
create policy submit on attachment for insert to chengshu_app with check (scope_role() is not null);

grant select, insert, update on notice to chengshu_app;
create policy scope on notice to chengshu_app
  using (unit = scope_unit() or (unit > scope_unit() || '.' and unit < scope_unit() || '/')
      or exists (select 1 from report r where r.id = notice.report))
  with check (scope_role() is not null);

-- The one narrow door for a citizen with a follow-up code: where her matter stands, nothing else.
-- It runs as the owner because she may see neither incident nor order.
create function follow_report(code_hash text)
  returns table (said_at timestamptz, stage text, unit_name text, due_at timestamptz, answer text, closed_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select r.said_at, coalesce(lead.stage, i.stage, 'waiting'), u.name, coalesce(lead.due_at, i.due_at),
         coalesce(lead.answer, i.answer), coalesce(lead.closed_at, i.closed_at)
  from report r
  left join membership m on m.report = r.id
  left join incident i on i.id = m.incident
  left join incident lead on lead.id = i.merged_into
  left join lateral (select o.unit from work_order o where o.incident = coalesce(lead.id, i.id)
                     and o.stage not in ('returned', 'withdrawn') order by o.id desc limit 1) o on true
  left join unit u on u.unit = o.unit
  where r.code = code_hash
$$;
revoke execute on function follow_report(text) from public;
grant execute on function follow_report(text) to chengshu_app;

-- The stages of all orders of an incident, for whoever has one of them or the area: where an
-- incident stands depends on orders of other units too, whose rows a unit may not see.
create function order_stages(incident_id bigint) returns setof text
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select o.stage from work_order o where o.incident = incident_id and exists (
    select 1 from work_order mine where mine.incident = incident_id
      and ((mine.area >= scope_area_lo() and mine.area < scope_area_hi())
        or mine.unit = scope_unit() or (mine.unit > scope_unit() || '.' and mine.unit < scope_unit() || '/')))
$$;
revoke execute on function order_stages(bigint) from public;
grant execute on function order_stages(bigint) to chengshu_app;
