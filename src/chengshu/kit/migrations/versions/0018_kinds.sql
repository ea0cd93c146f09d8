-- Kinds of order, what only named people may know, work inside a unit, papers, and exchange with the
-- province and with bureaus that have a system of their own.

-- ---------------------------------------------------------------- kinds
-- veil 0: seen by its scope; 1: by named people and the unit that has an order; 2: by named people alone.
-- It stands on the rows that lists and counts read, so that hiding costs them no look-up.
alter table incident add column kind text not null default 'ordinary'
  constraint incident_kind_known check (kind in ('ordinary', 'urgent', 'leader', 'passed_down', 'confidential'));
alter table incident add column veil smallint not null default 0 check (veil between 0 and 2);
alter table incident add constraint confidential_is_veiled check (kind <> 'confidential' or veil = 2);
alter table work_order add column veil smallint not null default 0 check (veil between 0 and 2);
alter table report add column veil smallint not null default 0 check (veil between 0 and 2);

create table named (                           -- 知悉人: who may know of a veiled incident
  incident bigint not null references incident,
  account bigint not null references account,
  name text not null,
  unit text collate "C" not null references unit,
  named_by bigint,
  at timestamptz not null,
  primary key (incident, account)
);
create index named_account on named (account);

create table special (                         -- what an incident that is not ordinary carries
  incident bigint primary key references incident,
  kind text not null check (kind in ('urgent', 'leader', 'passed_down', 'confidential')),
  number text not null unique,                 -- by the city's numbering rules, never given twice
  leader text not null default '',
  post text not null default '',
  words text not null default '',              -- the leader's instruction, verbatim
  instructed_at timestamptz,
  due_at timestamptz,                          -- its own clock, which caps every order's
  upper_number text unique,                    -- the upper platform's, for one that was passed down
  answer text,                                 -- 专报
  answered_at timestamptz,
  account bigint,
  actor text not null,
  unit text collate "C" not null references unit,
  at timestamptz not null,
  constraint leader_says_who_and_what check (kind <> 'leader' or (leader <> '' and words <> '' and due_at is not null)),
  check ((answer is null) = (answered_at is null))
);

create table counter (                         -- running numbers: one row a series and period, locked while one is taken
  series text not null,
  period text not null,
  last int not null check (last > 0),
  primary key (series, period)
);

create table paper (                           -- 文书: one printed form, and its number
  id bigint primary key,
  number text not null unique,
  kind text not null check (kind in ('assignment', 'supervision', 'extension', 'receipt', 'special_report', 'agreement')),
  incident bigint not null references incident,
  work_order bigint references work_order,
  facts jsonb not null,                        -- what it says: printing it again says the same
  account bigint,
  actor text not null,
  unit text collate "C" not null references unit,
  at timestamptz not null
);
create index paper_incident on paper (incident);
create trigger paper_append_only before update or delete on paper for each row execute function refuse_change();

-- ---------------------------------------------------------------- inside a unit
create table unit_post (                       -- 联络员, 审签人: a unit without a head needs no second signature
  unit text collate "C" not null references unit,
  account bigint not null references account,
  post text not null check (post in ('liaison', 'head')),
  name text not null,
  at timestamptz not null,
  primary key (unit, account, post)
);

create table handling (                        -- 经办: who has the order inside the unit
  id bigint generated always as identity primary key,
  work_order bigint not null references work_order,
  section text not null,
  account bigint not null references account,
  name text not null,
  passed_by bigint,
  at timestamptz not null,
  ended_at timestamptz
);
create unique index handling_one_now on handling (work_order) where ended_at is null;
create index handling_account on handling (account) where ended_at is null;

create table draft_reply (                     -- 送审: a reply that a head has yet to sign
  id bigint generated always as identity primary key,
  work_order bigint not null references work_order,
  words text not null,
  attachments bigint[] not null default '{}',
  account bigint not null references account,
  actor text not null,
  at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'signed', 'sent_back')),
  head bigint references account,
  head_name text,
  decided_at timestamptz,
  remark text not null default '',
  check ((state = 'waiting') = (decided_at is null)),
  constraint nobody_signs_her_own check (head is null or head <> account)
);
create unique index draft_reply_one_waiting on draft_reply (work_order) where state = 'waiting';

create table first_contact (                   -- 先行联系: the first word with the citizen, by its own clock
  work_order bigint primary key references work_order,
  due_at timestamptz not null,
  timer timestamptz,                           -- when a worker looks; null: done, or marked late
  late boolean not null default false,
  made_at timestamptz,
  way text check (way in ('phone', 'visit', 'message')),
  reached boolean,
  words text,
  account bigint,
  actor text,
  check ((made_at is null) = (words is null))
);
-- whether the clock of the first word was set; orders from before there was one have none
alter table work_order add column contact_set boolean not null default true;
alter table work_order alter column contact_set set default false;
create index work_order_contact on work_order (id) where not contact_set and stage in ('assigned', 'signed');
create index first_contact_timer on first_contact (timer) where timer is not null;

-- ---------------------------------------------------------------- exchange
create table exchange_system (                 -- whose orders an outside system's key reads and answers
  credential bigint primary key references credential,
  unit text collate "C" not null references unit
);

create table exchange_call (                   -- what a bureau's system did, so that a repetition changes nothing
  unit text collate "C" not null references unit,
  number text not null,                        -- theirs
  work_order bigint not null references work_order,
  verb text not null,
  digest bytea not null,
  answer jsonb not null,
  at timestamptz not null,
  primary key (unit, number)
);
create index exchange_call_order on exchange_call (work_order);

create table upper_order (                     -- 上级转办: as it came
  number text primary key,                     -- the upper platform's
  report bigint not null references report,
  incident bigint references incident,
  title text not null,
  due_at timestamptz not null,
  state text not null check (state in ('received', 'taken', 'returned', 'answered')),
  body jsonb not null,
  at timestamptz not null
);
create index upper_order_incident on upper_order (incident);
create index upper_order_fresh on upper_order (at) where incident is null;

create table upper_message (                   -- what goes up, until the upper platform acknowledges it
  id bigint primary key,                       -- its idempotent number
  upper_number text not null references upper_order,
  kind text not null check (kind in ('receipt', 'return', 'extension', 'reply')),
  body jsonb not null,
  at timestamptz not null,
  due_at timestamptz,                          -- next attempt; null: acknowledged or given up
  attempts int not null default 0,
  failed text,
  receipt text,                                -- theirs
  receipt_at timestamptz,
  verdict text,                                -- granted or refused, of an extension
  check ((receipt is null) = (receipt_at is null))
);
create index upper_message_due on upper_message (due_at) where due_at is not null;
create index upper_message_number on upper_message (upper_number);

create table reconciliation (                  -- 日对账: what the two sides say of one day
  party text not null,                         -- 'upper' or a unit
  day date not null,
  ours int not null,
  theirs int not null,
  differences jsonb not null,
  at timestamptz not null,
  primary key (party, day)
);

do $$
declare t text;
begin
  foreach t in array array['named', 'special', 'counter', 'paper', 'unit_post', 'handling', 'draft_reply', 'first_contact',
    'exchange_system', 'exchange_call', 'upper_order', 'upper_message', 'reconciliation']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;
revoke update, delete on paper from chengshu_worker;
revoke delete on counter from chengshu_worker;

-- ---------------------------------------------------------------- who may know
create policy mine on named for select to chengshu_app using (account = scope_account());
create policy name on named for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader', 'handler') and named_by = scope_account()
    and exists (select 1 from incident i where i.id = named.incident));
grant select, insert on named to chengshu_app;

-- Beside every other rule: a veiled row is there for those it names and, at veil 1, for the unit that acts.
-- Functions, not subqueries: every policy that looks at an incident would be planned with theirs inside.
create function is_named(incident_id bigint) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from named n where n.incident = incident_id and n.account = scope_account())
$$;
create function has_order(incident_id bigint) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from work_order o where o.incident = incident_id and o.unit = scope_unit())
$$;
create function sees_incident_of(report_id bigint) returns boolean
  language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from membership m join incident i on i.id = m.incident where m.report = report_id)
$$;
revoke execute on function is_named(bigint), has_order(bigint), sees_incident_of(bigint) from public;
grant execute on function is_named(bigint), has_order(bigint), sees_incident_of(bigint) to chengshu_app, chengshu_worker;
create policy veil on incident as restrictive to chengshu_app
  using (veil = 0 or (veil = 1 and has_order(id)) or is_named(id));
create policy veil on work_order as restrictive to chengshu_app
  using (veil = 0 or (veil = 1 and unit = scope_unit()) or is_named(incident));

-- Whether an incident is kept from the caller. It runs as the owner, because the caller cannot see what
-- is kept from her; it says so of a number that she names and tells nothing else.
create function is_hidden(incident_id bigint) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from incident i where i.id = incident_id and i.veil > 0
    and not (i.veil = 1 and exists (select 1 from work_order o where o.incident = i.id and o.unit = scope_unit()))
    and not exists (select 1 from named n where n.incident = i.id and n.account = scope_account()))
$$;
revoke execute on function is_hidden(bigint) from public;
grant execute on function is_hidden(bigint) to chengshu_app, chengshu_worker;

-- Whoever sent a report keeps its receipt: a citizen by her code, a system by its own numbering.
create policy veil on report as restrictive for select to chengshu_app
  using (veil = 0 or scope_role() in ('citizen', 'channel')
      or sees_incident_of(id));
create policy veil on notice as restrictive to chengshu_app
  using (incident is null or scope_role() in ('citizen', 'channel') or not is_hidden(incident));
create policy veil on ruling as restrictive for select to chengshu_app using (not is_hidden(incident));
create policy veil on suggestion as restrictive to chengshu_app using (not is_hidden(other));
create policy veil on regroup as restrictive to chengshu_app using (not is_hidden(lead) and not is_hidden(other));

-- The veil follows to orders and reports. Merging and search look things up by words: a veiled incident has none.
create function spread_veil() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update work_order set veil = new.veil where incident = new.id and veil <> new.veil;
  update report set veil = new.veil where veil <> new.veil
    and id in (select report from membership where incident = new.id);
  if new.veil > 0 then
    delete from word where incident = new.id;
    delete from posting where incident = new.id;
    delete from suggestion where new.id in (incident, other) and state = 'open';
    delete from comparison where new.id in (incident, home);
  end if;
  return null;
end $$;
revoke execute on function spread_veil() from public;
create trigger incident_veil after update of veil on incident for each row
  when (old.veil <> new.veil) execute function spread_veil();

create function veil_order() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  new.veil := (select veil from incident where id = new.incident);
  return new;
end $$;
revoke execute on function veil_order() from public;
create trigger work_order_veil before insert or update of incident on work_order for each row execute function veil_order();

-- A report never leaves a veiled incident, nor comes into one behind people's backs.
create function keep_veil() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select 1 from was w join now n using (report) join incident i on i.id in (w.incident, n.incident)
             where w.incident <> n.incident and i.veil > 0) then
    raise exception '保密或限阅的事件不能合并、拆分 / a veiled incident is neither merged nor split'
      using errcode = 'check_violation', constraint = 'veiled_stays_whole';
  end if;
  return null;
end $$;
revoke execute on function keep_veil() from public;
create trigger membership_veil after update on membership referencing old table as was new table as now
  for each statement execute function keep_veil();

create function veil_members() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update report r set veil = i.veil from now n join incident i on i.id = n.incident
    where r.id = n.report and i.veil > 0 and r.veil <> i.veil;
  return null;
end $$;
revoke execute on function veil_members() from public;
create trigger membership_veil_new after insert on membership referencing new table as now
  for each statement execute function veil_members();

-- The change feed names what changed to pages of an area; what is veiled lies in none of them.
create function hide_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if (new.kind = 'incident' and exists (select 1 from incident where id = new.subject and veil > 0))
     or (new.kind = 'order' and exists (select 1 from work_order where id = new.subject and veil > 0))
     or (new.kind = 'report' and exists (select 1 from report where id = new.subject and veil > 0)) then
    new.area := 0;
  end if;
  return new;
end $$;
revoke execute on function hide_change() from public;
create trigger change_veil before insert on change for each row execute function hide_change();

-- Who is named, for one who is.
create function named_people(incident_id bigint) returns table (account bigint, name text, unit text, at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select n.account, n.name, n.unit, n.at from named n where n.incident = incident_id
    and exists (select 1 from named me where me.incident = incident_id and me.account = scope_account())
  order by n.at, n.account
$$;
revoke execute on function named_people(bigint) from public;
grant execute on function named_people(bigint) to chengshu_app;

-- Take a name back; the last one stays, and so does whoever asks.
create function end_naming(incident_id bigint, of_account bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if of_account = scope_account() or scope_role() not in ('dispatcher', 'supervisor', 'leader')
     or not exists (select 1 from named me where me.incident = incident_id and me.account = scope_account()) then
    return false;
  end if;
  delete from named where incident = incident_id and account = of_account;
  return found;
end $$;
revoke execute on function end_naming(bigint, bigint) from public;
grant execute on function end_naming(bigint, bigint) to chengshu_app;

-- People of the caller's unit and of those under it, by unit or by account: whom an order can be passed to,
-- who can be named.
create function people_of(of_unit text, ids bigint[]) returns table (account bigint, name text, role text, unit text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select a.id, a.name, a.role, a.unit::text from account a
  where (a.unit = of_unit or a.id = any(ids)) and a.active
    and a.role in ('dispatcher', 'handler', 'supervisor', 'leader', 'analyst', 'call_taker')
    and scope_role() in ('dispatcher', 'supervisor', 'leader', 'handler', 'system_admin')
    and (scope_role() = 'system_admin' or a.unit = scope_unit() or starts_with(a.unit, scope_unit() || '.'))
  order by a.name, a.id
$$;
revoke execute on function people_of(text, bigint[]) from public;
grant execute on function people_of(text, bigint[]) to chengshu_app;

-- The next number of a series; gap-free: whoever takes one holds the row until she commits or rolls back.
create function next_number(of_series text, of_period text) returns int
  language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into counter as c (series, period, last) values (of_series, of_period, 1)
  on conflict (series, period) do update set last = c.last + 1 returning last
$$;
revoke execute on function next_number(text, text) from public;
grant execute on function next_number(text, text) to chengshu_app, chengshu_worker;

-- ---------------------------------------------------------------- the other tables
grant select, insert, update on special to chengshu_app;
create policy scope on special to chengshu_app
  using (exists (select 1 from incident i where i.id = special.incident))
  with check (exists (select 1 from incident i where i.id = special.incident)
    and scope_role() in ('dispatcher', 'supervisor', 'leader', 'call_taker'));

grant select, insert on paper to chengshu_app;
create policy scope on paper for select to chengshu_app
  using (exists (select 1 from incident i where i.id = paper.incident)
     and (work_order is null or exists (select 1 from work_order o where o.id = paper.work_order)));
create policy print on paper for insert to chengshu_app
  with check (account = scope_account() and exists (select 1 from incident i where i.id = paper.incident)
     and (work_order is null or exists (select 1 from work_order o where o.id = paper.work_order)));

grant select, insert, delete on unit_post to chengshu_app;
create policy own on unit_post for select to chengshu_app
  using (unit = scope_unit() or scope_role() = 'system_admin');
create policy keep on unit_post to chengshu_app
  using (scope_role() = 'system_admin') with check (scope_role() = 'system_admin');

do $$
declare t text;
begin
  foreach t in array array['handling', 'draft_reply', 'first_contact', 'exchange_call']
  loop
    execute format('create policy scope on %I for select to chengshu_app
      using (exists (select 1 from work_order o where o.id = %I.work_order))', t, t);
  end loop;
end $$;
grant select, insert on handling, draft_reply to chengshu_app;
grant select, insert, update on first_contact to chengshu_app;
grant update (ended_at) on handling to chengshu_app;
grant update (state, head, head_name, decided_at, remark) on draft_reply to chengshu_app;
create policy pass on handling for insert to chengshu_app
  with check (passed_by = scope_account()
    and exists (select 1 from work_order o where o.id = handling.work_order and o.unit = scope_unit()));
create policy end_it on handling for update to chengshu_app
  using (exists (select 1 from work_order o where o.id = handling.work_order and o.unit = scope_unit()));
create policy submit on draft_reply for insert to chengshu_app
  with check (account = scope_account() and state = 'waiting'
    and exists (select 1 from work_order o where o.id = draft_reply.work_order and o.unit = scope_unit()));
create policy sign on draft_reply for update to chengshu_app
  using (exists (select 1 from work_order o join unit_post p on p.unit = o.unit and p.post = 'head'
                 where o.id = draft_reply.work_order and o.unit = scope_unit() and p.account = scope_account()))
  with check (head = scope_account());
create policy begin on first_contact for insert to chengshu_app
  with check (exists (select 1 from work_order o where o.id = first_contact.work_order and o.unit = scope_unit()));
create policy make on first_contact for update to chengshu_app
  using (exists (select 1 from work_order o where o.id = first_contact.work_order and o.unit = scope_unit()))
  with check (account = scope_account() or scope_role() = 'bureau');

grant select on exchange_system to chengshu_app;
grant insert, delete on exchange_system to chengshu_app;
create policy gate on exchange_system for select to chengshu_app using (scope_role() = 'gate');
create policy admin on exchange_system to chengshu_app
  using (scope_role() = 'security_admin') with check (scope_role() = 'security_admin');
grant select, insert on exchange_call to chengshu_app;
create policy own on exchange_call for insert to chengshu_app
  with check (scope_role() = 'bureau' and unit = scope_unit());
grant select, insert, update on reconciliation to chengshu_app;
create policy read on reconciliation for select to chengshu_app
  using ((scope_role() in ('dispatcher', 'supervisor', 'leader', 'analyst') and (party = scope_unit()
          or (party = 'upper' and exists (select 1 from area a where a.level = 'city' and a.code >= scope_area_lo()
                                          and a.code < scope_area_hi()))
          or starts_with(party, scope_unit() || '.')))
      or (scope_role() = 'bureau' and party = scope_unit()));
create policy write on reconciliation for insert to chengshu_app with check (scope_role() = 'bureau' and party = scope_unit());
create policy again on reconciliation for update to chengshu_app
  using (scope_role() = 'bureau' and party = scope_unit()) with check (scope_role() = 'bureau' and party = scope_unit());

grant select on upper_order to chengshu_app;
grant update (state) on upper_order to chengshu_app;
create policy scope on upper_order to chengshu_app
  using (exists (select 1 from incident i where i.id = upper_order.incident));
grant select, insert on upper_message to chengshu_app;
create policy scope on upper_message to chengshu_app
  using (exists (select 1 from upper_order u where u.number = upper_message.upper_number))
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader')
    and exists (select 1 from upper_order u where u.number = upper_message.upper_number));
