-- 0011: how many times a thing was written, so that nobody changes what they have not seen, and the
-- indexes that the filters of the lists need.
-- least program: 0.1.0

alter table organization add column version integer not null default 1;
alter table service_account add column version integer not null default 1;
alter table credential add column version integer not null default 1;
alter table api add column version integer not null default 1;
alter table role add column version integer not null default 1;
alter table principal_group add column version integer not null default 1;
alter table binding add column version integer not null default 1;

-- Lists go by id: an index that ends in the id reads the page asked for and no more.
create index binding_of_role on binding (organization_id, role_id, id);
create index binding_on_resource on binding (organization_id, resource, id)
  where resource is not null;
create index service_account_disabled on service_account (organization_id, id)
  where disabled_at is not null;

drop index binding_of_principal;
create index binding_of_principal on binding (organization_id, principal_id, id)
  where principal_id is not null;
drop index binding_of_group;
create index binding_of_group on binding (organization_id, group_id, id)
  where group_id is not null;
