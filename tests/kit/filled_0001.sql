-- Rows for every table of the first version, by plain SQL, because the program of today may no
-- longer write what the first one wrote.
insert into area (code, level, name, short, name_en, lon, lat, aliases, special) values
  (320600, 'city', '南通市', '南通', 'Nantong', 120.86, 32.01, '{通城}', false),
  (320682, 'county', '如皋市', '如皋', 'Rugao', 120.56, 32.39, '{}', false);
insert into unit values
  ('nt', '南通市城市运行管理中心', 'Nantong Centre', '市中心', 'centre', 'city', '', 320600),
  ('nt.rugao', '如皋市城市运行管理中心', 'Rugao Centre', '如皋中心', 'centre', 'county', '', 320682);
insert into account (id, login, name, password_hash, role, unit, created_at)
  values (1, 'wang', '王芳', 'x', 'dispatcher', 'nt', '2026-07-01 08:00+08');
insert into session (token_hash, account, csrf, created_at, seen_at, expires_at)
  values ('\x01', 1, 'c', '2026-07-01 08:00+08', '2026-07-01 08:00+08', '2026-07-01 20:00+08');
insert into credential (id, name, key_hash, channels, created_at)
  values (1, '110', '\x02', '{police}', '2026-07-01 08:00+08');
insert into audit (at, account, role, act, subject, detail)
  values ('2026-07-01 08:00+08', 1, 'dispatcher', 'login', '', '{"ok": true}');
insert into incident (id, number, title, matter, domain, stage, area, place, lon, lat, first_at, last_at,
    opened_at, changed_at)
  select 500 + n, 'S' || nextval('number_seq'), '井盖损坏 ''"\' || n, 'manhole', 'city', 'opened', 320682, '人民路',
    120.5, 32.3, t, t, t, t from generate_series(1, 40) n, (values (timestamptz '2026-07-01 08:00+08')) v(t);
insert into profile (incident, body) values (501, '{"callers": ["aa", "bb"]}');
insert into posting (term, seen, incident) values (-9, '2026-07-01 08:00+08', 501);
insert into term_count (term, reports) values (-9, 3);
insert into word (term, area, incident) values (7, 320682, 501);
insert into report (id, channel, source, channel_id, received_at, said_at, text, nature, area, caller, code,
    body_hash, extra)
  values (1001, 'hotline', 'desk:nt', 'h-1', '2026-07-01 08:00+08', '2026-07-01 08:00+08',
    E'人民路井盖坏了\n\t请处理 \\', 'complaint', 320682, 'aa', 'code-1', '\x03', '{"电话": "是"}');
insert into membership (report, incident, outcome, probability, at)
  values (1001, 501, 'opened', 0.5, '2026-07-01 08:00+08');
insert into suggestion (id, incident, other, probability, clues, at)
  values (1, 501, 502, 0.4, '[]', '2026-07-01 08:00+08');
insert into reporter (report, key_version, sealed, masked, confidential) values (1001, 1, '\x00', '陈**', true);
insert into work_order (id, number, incident, unit, area, stage, assigned_at, changed_at)
  values (9001, 'S1-1', 501, 'nt.rugao', 320682, 'assigned', '2026-07-01 08:10+08', '2026-07-01 08:10+08');
insert into attachment (id, report, name, kind, bytes, digest, content, at)
  values (1, 1001, '照片.jpg', 'image/jpeg', 3, '\x04', '\x000aff', '2026-07-01 08:00+08');
insert into proposal (incident, rank, unit, probability, clues, at)
  values (501, 1, 'nt.rugao', 0.9, '[]', '2026-07-01 08:00+08');
insert into step (incident, work_order, at, actor, verb) values
  (501, null, '2026-07-01 08:00+08', '系统', 'opened'), (501, 9001, '2026-07-01 08:10+08', '王芳', 'assigned');
insert into notice (unit, incident, text, at) values ('nt.rugao', 501, '新工单', '2026-07-01 08:10+08');
insert into outbox (topic, key) values ('report.received', 1001);
insert into change (kind, subject, area) values ('incident', 501, 320682);
