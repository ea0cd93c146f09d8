-- Merging learns from what people decided. What was measured when a report was decided is kept for
-- some weeks, so that an answer that comes later finds it. Neither table holds a word of a report.

-- No foreign keys: it is written with every report, and what it names is never deleted.
create table comparison (
  report bigint not null,
  incident bigint not null,                    -- what it was compared with
  home bigint not null,                        -- where it was put then
  kind text not null check (kind in ('joined', 'beside')),
  measured jsonb not null,                     -- measure to value
  probability real not null,
  version int not null,                        -- of the weights that decided
  at timestamptz not null,
  primary key (report, incident)
);
create index comparison_pair on comparison (home, incident);
create index comparison_at on comparison (at);

create table merging_answer (                  -- what a person said of two incidents, and what was measured
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('accepted', 'refused', 'merged', 'split', 'unmerged', 'unsplit')),
  one bigint not null references incident,
  other bigint not null references incident,
  report bigint references report,             -- whose joining it is about; null: the two as they were
  same boolean not null,
  measured jsonb not null,
  probability real not null,
  version int not null,
  fresh boolean not null,                      -- measured when it was said: nothing had been kept
  weight real not null check (weight > 0 and weight <= 1),
  account bigint,                              -- null: nobody who has an account
  actor text not null,
  at timestamptz not null,
  withdrawn_at timestamptz,                    -- something else was said of the same two later
  check (one < other)
);
create index merging_answer_pair on merging_answer (one, other) where withdrawn_at is null;

create table merging_weights (                 -- versions after the shipped one, which is number 0
  version int primary key check (version > 0),
  base text not null,                          -- which shipped weights it was fitted from
  prior float8 not null,
  bits jsonb not null,
  figures jsonb not null,                      -- before and after, on past answers
  upto bigint not null,                        -- the last answer that it knows
  made_at timestamptz not null,
  made_by text not null,
  state text not null check (state in ('proposed', 'active', 'retired', 'dropped')),
  activated_at timestamptz,
  activated_by text,
  reason text not null default ''
);
create unique index merging_weights_active on merging_weights (state) where state = 'active';
create unique index merging_weights_proposed on merging_weights (state) where state = 'proposed';

do $$
declare t text;
begin
  foreach t in array array['comparison', 'merging_answer', 'merging_weights']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to chengshu_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to chengshu_worker', t);
  end loop;
end $$;

-- Whoever sees both incidents may look up what was measured, and say whether they are one.
grant select on comparison to chengshu_app;
create policy scope on comparison for select to chengshu_app
  using (exists (select 1 from incident i where i.id = comparison.home)
     and exists (select 1 from incident i where i.id = comparison.incident));
grant select, insert, update on merging_answer to chengshu_app;
create policy scope on merging_answer to chengshu_app
  using (exists (select 1 from incident i where i.id = merging_answer.one)
     and exists (select 1 from incident i where i.id = merging_answer.other))
  with check (exists (select 1 from incident i where i.id = merging_answer.one)
     and exists (select 1 from incident i where i.id = merging_answer.other));

-- The weights decide for the whole city: only those who see all of it switch them.
grant select, update on merging_weights to chengshu_app;
create policy read on merging_weights for select to chengshu_app using (true);
create policy switch on merging_weights for update to chengshu_app
  using (scope_role() in ('analyst', 'supervisor') and exists (
    select 1 from area a where a.level = 'city' and a.code >= scope_area_lo() and a.code < scope_area_hi()));
