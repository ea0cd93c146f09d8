-- Notices leave the house, somebody is always on duty, a danger is handed over and never unclear, and an
-- emergency is reported upward by the clock.
alter table notice add column event text not null default '';    -- what happened; '' where nobody said
alter table notice add column level smallint not null default 0  -- 0 ordinary, 1 urgent, 2 danger
  constraint notice_level_known check (level between 0 and 2);
alter table notice add column spread_at timestamptz;             -- when its deliveries were written
update notice set spread_at = at;                                -- what is old is not sent again
create index notice_unspread on notice (id) where spread_at is null;

create table delivery (                        -- one message to one address: sent at least once, under one key
  id bigint generated always as identity primary key,
  key text not null unique,                    -- idempotency: the same for every attempt
  incident bigint not null references incident,
  notice bigint not null,                      -- no reference: read notices are erased after a year
  event text not null,
  level smallint not null,
  channel text not null constraint delivery_channel_known check (channel in ('sms', 'email', 'webhook')),
  unit text collate "C",                       -- whom it is for: a unit, one of its people, a reporter, a hook
  person bigint,
  report bigint references report,
  hook bigint,
  recipient text not null,                     -- masked, as people read it
  subject text not null default '',            -- of a mail
  text text not null,
  state text not null constraint delivery_state_known check (state in ('waiting', 'sending', 'sent', 'dead', 'stopped')),
  attempts smallint not null default 0,
  next_at timestamptz,                         -- when a worker takes it; of one being sent: when it is taken again
  last_error text not null default '',
  created_at timestamptz not null,
  sent_at timestamptz,
  constraint delivery_ended_has_no_timer check ((next_at is null) = (state in ('sent', 'dead', 'stopped')))
);
create index delivery_due on delivery (next_at) where next_at is not null;
create index delivery_incident on delivery (incident);
create index delivery_rate on delivery (channel, recipient, sent_at) where sent_at is not null;
create index delivery_recent on delivery (created_at desc);

create table alarm (                           -- an urgent notice that somebody must acknowledge
  notice bigint primary key,
  incident bigint not null references incident,
  unit text collate "C" not null references unit,
  level smallint not null,
  event text not null,
  text text not null,
  begun_at timestamptz not null,
  rung smallint not null default 0,            -- how often it was sent
  next_at timestamptz,                         -- when it is sent again, higher up; null: it has ended
  ended_at timestamptz,
  ended_by text not null default '',           -- who acknowledged it, or what ended it
  constraint alarm_ended_has_no_timer check ((next_at is null) = (ended_at is not null))
);
create index alarm_due on alarm (next_at) where next_at is not null;
create index alarm_incident on alarm (incident);
create index alarm_open on alarm (unit) where ended_at is null;

create table contact (                         -- where a unit is reached: its duty telephone, its mailbox
  unit text collate "C" primary key references unit,
  phone text not null default '',
  email text not null default '',
  changed_at timestamptz not null,
  changed_by text not null
);

create table duty_person (                     -- 值班人员; her own telephone is sealed
  id bigint generated always as identity primary key,
  unit text collate "C" not null references unit,
  name text not null,
  title text not null default '',
  key_version int not null,
  sealed bytea not null,                       -- phone
  masked text not null,
  token text not null,                         -- what the sealed data are bound to
  active boolean not null default true,
  created_at timestamptz not null
);
create index duty_person_unit on duty_person (unit) where active;

create table duty_shift (                      -- 值班表: who signs, from when until when, and who stands in
  id bigint generated always as identity primary key,
  unit text collate "C" not null references unit,
  part text not null constraint duty_part_known check (part in ('leader', 'officer')), -- 带班领导, 值班员
  person bigint not null references duty_person,
  deputy bigint references duty_person,
  from_at timestamptz not null,
  to_at timestamptz not null,
  absent boolean not null default false,       -- the deputy stands in
  account bigint,
  at timestamptz not null,
  removed_at timestamptz,
  constraint duty_shift_has_length check (to_at > from_at),
  constraint duty_deputy_is_another check (deputy <> person)
);
create index duty_shift_now on duty_shift (unit, part, to_at) where removed_at is null;

create table duty_note (                       -- 交接班: in writing, with what is still open, taken over by name
  id bigint generated always as identity primary key,
  unit text collate "C" not null references unit,
  text text not null,
  open_items jsonb not null,                   -- figures at that moment: late orders, unanswered alarms, lost hand-overs
  given_at timestamptz not null,
  given_by text not null,
  account bigint not null,
  taken_at timestamptz,
  taken_by text not null default ''
);
create index duty_note_unit on duty_note (unit, given_at desc);

create table hook (                            -- another system of the city that wants to hear
  id bigint generated always as identity primary key,
  name text not null,
  url text not null,
  unit text collate "C" not null references unit, -- it hears of notices to this unit and those under it
  events text[] not null default '{}',         -- empty: every one
  key_version int not null,
  sealed bytea not null,                       -- the secret that signs
  token text not null,
  active boolean not null default true,
  created_at timestamptz not null
);

create table handover (                        -- 转接: a matter offered to 110, 119, 120 or another 12345
  id bigint primary key,
  number text not null unique,                 -- ours; the other side keeps it apart by this
  incident bigint not null references incident,
  report bigint references report,
  party text not null constraint handover_party_known check (party in ('110', '119', '120', '12345')),
  state text not null constraint handover_state_known
    check (state in ('offered', 'lost', 'acknowledged', 'refused', 'handed_back')),
  said text not null,
  place text not null default '',
  lon float8,
  lat float8,
  third text not null default '',              -- who else was in the three-party call
  offered_at timestamptz not null,
  account bigint,
  actor text not null,
  unit text collate "C" not null references unit,
  attempts smallint not null default 0,
  timer timestamptz,                           -- when a worker looks again; null: answered
  climbed smallint not null default 0,         -- 1 the unit was told that it is lost, 2 the leader on duty
  last_error text not null default '',
  their_number text not null default '',
  answered_at timestamptz,
  answered_by text not null default '',
  words text not null default '',              -- why it was refused or handed back
  holds boolean not null default false,        -- it is they who have the matter
  constraint handover_acknowledged_has_number check (state <> 'acknowledged' or their_number <> ''),
  constraint handover_holder_acknowledged check (not holds or state = 'acknowledged')
);
create unique index handover_one_holder on handover (incident) where holds;
create unique index handover_once_a_party on handover (incident, party) where state in ('offered', 'lost', 'acknowledged');
create index handover_timer on handover (timer) where timer is not null;

create table urgent_case (                     -- 紧急信息报送: an incident that is reported upward
  incident bigint primary key references incident,
  level smallint not null constraint urgent_level_known check (level between 1 and 4), -- 1 特别重大 … 4 一般
  unit text collate "C" not null references unit, -- who reports
  began_at timestamptz not null,
  account bigint,
  actor text not null,
  ended_at timestamptz
);

create table urgent_report (                   -- 首报 续报 终报
  id bigint generated always as identity primary key,
  incident bigint not null references urgent_case,
  nth smallint not null,
  kind text not null constraint urgent_kind_known check (kind in ('first', 'follow_up', 'final')),
  due_at timestamptz not null,
  timer timestamptz,
  climbed smallint not null default 0,
  entries jsonb not null default '{}',
  text text not null default '',
  recipients text[] not null default '{}',
  submitted_at timestamptz,
  account bigint,
  signer text not null default '',
  unique (incident, nth),
  constraint urgent_submitted_is_signed check (submitted_at is null or (signer <> '' and text <> ''))
);
create unique index urgent_report_one_due on urgent_report (incident) where submitted_at is null;
create index urgent_report_timer on urgent_report (timer) where timer is not null;

do $$
declare t text;
begin
  foreach t in array array['delivery', 'alarm', 'contact', 'duty_person', 'duty_shift', 'duty_note', 'hook', 'handover',
    'urgent_case', 'urgent_report']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update on %I to chengshu_worker', t);
  end loop;
  -- whoever sees the incident sees what was sent about it, who has it and what was reported of it
  foreach t in array array['delivery', 'alarm', 'handover', 'urgent_case', 'urgent_report']
  loop
    execute format('grant select on %I to chengshu_app', t);
    execute format('create policy scope on %I for select to chengshu_app
      using (exists (select 1 from incident i where i.id = %I.incident))', t, t);
  end loop;
end $$;
grant delete on delivery, alarm to chengshu_worker;

-- A dead letter is sent again by a person who supervises or dispatches.
grant update (state, attempts, next_at) on delivery to chengshu_app;
create policy again on delivery for update to chengshu_app
  using (scope_role() in ('dispatcher', 'supervisor') and state = 'dead'
    and exists (select 1 from incident i where i.id = delivery.incident))
  with check (state = 'waiting');
-- An alarm is acknowledged in the unit that it is for, or above it.
grant update (next_at, ended_at, ended_by) on alarm to chengshu_app;
create policy acknowledge on alarm for update to chengshu_app
  using (scope_role() in ('call_taker', 'dispatcher', 'handler', 'supervisor', 'leader')
    and (unit = scope_unit() or starts_with(unit, scope_unit() || '.')));

grant insert, update on handover to chengshu_app;
create policy offer on handover for insert to chengshu_app
  with check (scope_role() in ('call_taker', 'dispatcher', 'supervisor', 'leader') and account = scope_account()
    and unit = scope_unit() and state = 'offered' and exists (select 1 from incident i where i.id = handover.incident));
create policy answer on handover for update to chengshu_app
  using (scope_role() in ('call_taker', 'dispatcher', 'supervisor', 'leader')
    and exists (select 1 from incident i where i.id = handover.incident));

grant insert, update on urgent_case, urgent_report to chengshu_app;
create policy begin on urgent_case for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader') and account = scope_account() and unit = scope_unit()
    and exists (select 1 from incident i where i.id = urgent_case.incident));
create policy finish on urgent_case for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and (unit = scope_unit() or starts_with(unit, scope_unit() || '.'))
    and exists (select 1 from incident i where i.id = urgent_case.incident));
create policy due on urgent_report for insert to chengshu_app
  with check (scope_role() in ('dispatcher', 'supervisor', 'leader') and submitted_at is null
    and exists (select 1 from urgent_case c where c.incident = urgent_report.incident));
create policy sign on urgent_report for update to chengshu_app
  using (scope_role() in ('supervisor', 'leader') and submitted_at is null and exists (
    select 1 from urgent_case c where c.incident = urgent_report.incident
      and (c.unit = scope_unit() or starts_with(c.unit, scope_unit() || '.'))))
  with check (true);

-- Who is on duty: one's own unit and those under it; of those above, so that they can be rung up.
do $$
declare t text;
begin
  foreach t in array array['contact', 'duty_person', 'duty_shift', 'duty_note']
  loop
    execute format('grant select, insert, update on %I to chengshu_app', t);
    execute format($p$create policy keep on %I to chengshu_app
      using (scope_role() in ('call_taker', 'dispatcher', 'handler', 'supervisor', 'leader')
        and (unit = scope_unit() or starts_with(unit, scope_unit() || '.')))$p$, t);
  end loop;
  foreach t in array array['contact', 'duty_person', 'duty_shift']
  loop
    execute format($p$create policy above on %I for select to chengshu_app
      using (scope_role() in ('call_taker', 'dispatcher', 'handler', 'supervisor', 'leader')
        and starts_with(scope_unit(), unit || '.'))$p$, t);
  end loop;
end $$;

-- Which systems hear is the system administrator's business; she sees nothing of what they hear.
grant select, insert, update on hook to chengshu_app;
create policy admin on hook to chengshu_app
  using (scope_role() = 'system_admin') with check (scope_role() = 'system_admin');
