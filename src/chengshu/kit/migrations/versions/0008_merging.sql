-- What merging compares is kept as packed numbers: pairs of characters with their weights, of an
-- incident and of each of its reports. Incidents from before have none until they are rebuilt.
alter table profile add column pairs bytea not null default '';
alter table membership add column pairs bytea;
alter table profile add column topics bytea not null default '';
