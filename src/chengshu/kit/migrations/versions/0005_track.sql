-- What a function returns cannot be changed in place.
drop function follow_report(text);

-- The one narrow door for a citizen with a follow-up code: where her matter stands, nothing else.
-- It runs as the owner because she may see neither incident nor order.
create function follow_report(code_hash text)
  returns table (said_at timestamptz, stage text, unit_name text, assigned_at timestamptz, due_at timestamptz,
                 answer text, closed_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select r.said_at, coalesce(lead.stage, i.stage, 'waiting'), u.name, o.assigned_at, coalesce(lead.due_at, i.due_at),
         coalesce(lead.answer, i.answer), coalesce(lead.closed_at, i.closed_at)
  from report r
  left join membership m on m.report = r.id
  left join incident i on i.id = m.incident
  left join incident lead on lead.id = i.merged_into
  left join lateral (select o.unit, o.assigned_at from work_order o where o.incident = coalesce(lead.id, i.id)
                     and o.stage not in ('returned', 'withdrawn') order by o.id desc limit 1) o on true
  left join unit u on u.unit = o.unit
  where r.code = code_hash
$$;
revoke execute on function follow_report(text) from public;
grant execute on function follow_report(text) to chengshu_app;

-- Whether a report became part of an incident, also of one that its sender may not see: she waits
-- for nothing then. It runs as the owner and tells yes or no, nothing else.
create function is_decided(report_id bigint) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from membership m where m.report = report_id)
$$;
revoke execute on function is_decided(bigint) from public;
grant execute on function is_decided(bigint) to chengshu_app;
