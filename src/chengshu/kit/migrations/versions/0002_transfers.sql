-- 110 非警务移交: the police hand a call over, we answer with a receipt, they acknowledge it.
create table transfer (
  report bigint primary key references report,
  source text not null,                        -- whose transfer it is: the report's source
  received_at timestamptz not null,            -- when our receipt was given
  handed_over_at timestamptz,                  -- when the police say they handed it over
  officer text not null default '',            -- who handed it over, as the police name her
  acknowledged_at timestamptz,                 -- when they confirmed our receipt; null: not yet
  acknowledged_by text not null default ''
);
create index transfer_open on transfer (received_at) where acknowledged_at is null;

alter table transfer enable row level security;
alter table transfer force row level security;
create policy worker on transfer to chengshu_worker using (true) with check (true);
grant select, insert, update, delete on transfer to chengshu_worker;

-- The police's system writes and acknowledges its own; a desk reads those of reports it may see.
grant select, insert on transfer to chengshu_app;
grant update (acknowledged_at, acknowledged_by) on transfer to chengshu_app;
create policy scope on transfer for select to chengshu_app
  using ((scope_role() = 'channel' and source = scope_source())
      or exists (select 1 from report r where r.id = transfer.report));
create policy submit on transfer for insert to chengshu_app
  with check (scope_role() = 'channel' and source = scope_source()
    and exists (select 1 from report r where r.id = transfer.report and r.source = transfer.source));
create policy acknowledge on transfer for update to chengshu_app
  using (scope_role() = 'channel' and source = scope_source())
  with check (scope_role() = 'channel' and source = scope_source());

-- An attachment is uploaded first and linked once, by whoever uploaded it: a person (account) or
-- an outside system (source). Until then nobody else can read it, and nobody else can link it.
alter table attachment add column source text not null default '';
create index attachment_unlinked on attachment (at) where report is null and work_order is null;

create function scope_uploaded(account bigint, source text) returns boolean language sql stable parallel safe
  return case when scope_role() = 'channel' then account is null and source = scope_source()
              else account = scope_account() end;

drop policy scope on attachment;
drop policy submit on attachment;
create policy scope on attachment for select to chengshu_app
  using (exists (select 1 from report r where r.id = attachment.report)
      or exists (select 1 from work_order o where o.id = attachment.work_order)
      or (report is null and work_order is null and scope_uploaded(account, source)));
create policy submit on attachment for insert to chengshu_app
  with check (report is null and work_order is null and scope_uploaded(account, source));
grant update (report, work_order) on attachment to chengshu_app;
create policy link on attachment for update to chengshu_app
  using (report is null and work_order is null and scope_uploaded(account, source))
  with check (scope_uploaded(account, source)
    and ((work_order is null
          and exists (select 1 from report r where r.id = attachment.report and r.source = scope_source()))
      or (report is null and exists (select 1 from work_order o where o.id = attachment.work_order))));
