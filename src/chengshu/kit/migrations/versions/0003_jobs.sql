-- Timed jobs live in procrastinate's own tables. They hold no business of a city and have no
-- row-level security; only the workers' role may touch them, the serving role may not.
do $$
declare t text;
begin
  for t in select relname from pg_class where relnamespace = 'public'::regnamespace
           and relkind = 'r' and relname like 'procrastinate\_%'
  loop
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
  for t in select relname from pg_class where relnamespace = 'public'::regnamespace
           and relkind = 'S' and relname like 'procrastinate\_%'
  loop
    execute format('grant usage on sequence %I to chengshu_worker', t);
  end loop;
end $$;

create index work_order_overdue on work_order (id) where overdue and closed_at is null;
create index reporter_key on reporter (key_version) where erased_at is null;

-- Totals of the whole installation for /readyz and /metrics. It runs as the owner, who sees
-- every row, and tells five figures and nothing else; whoever shows them must not show them
-- to the public.
create function vital_signs(at timestamptz) returns table (
  revision text, waiting bigint, set_aside bigint, lag_s double precision, overdue bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select (select version_num from public.alembic_version),
         (select count(*) from public.outbox where set_aside_at is null),
         (select count(*) from public.outbox where set_aside_at is not null),
         coalesce((select extract(epoch from at - min(greatest(created_at, due_at)))::double precision
                   from public.outbox where set_aside_at is null and due_at <= at), 0),
         (select count(*) from public.work_order where overdue and closed_at is null)
$$;
revoke all on function vital_signs(timestamptz) from public;
grant execute on function vital_signs(timestamptz) to chengshu_app, chengshu_worker;
