-- 0003: APIs, permissions, roles, groups and bindings.
-- least program: 0.1.0

-- The audience is unique in the whole server, whichever organization registered it: it is what
-- tells resource servers apart. It never changes.
create table api (
  organization_id text not null references organization,
  id text not null unique,
  audience text not null unique,
  name text not null,
  token_lifetime_seconds integer not null,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, audience),
  unique (organization_id, name)
);

create table api_permission (
  organization_id text not null,
  api_id text not null,
  permission text not null,
  description text not null,
  primary key (organization_id, api_id, permission),
  foreign key (organization_id, api_id) references api on delete cascade
);

alter table organization
  add foreign key (id, default_audience) references api (organization_id, audience);

create table role (
  organization_id text not null references organization,
  id text not null unique,
  name text not null,
  description text not null,
  built_in boolean not null,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, name)
);

create table role_permission (
  organization_id text not null,
  role_id text not null,
  api_id text not null,
  permission text not null,
  primary key (organization_id, role_id, api_id, permission),
  foreign key (organization_id, role_id) references role on delete cascade,
  foreign key (organization_id, api_id, permission) references api_permission
);

create index role_permission_of_api on role_permission (organization_id, api_id, permission);

create table principal_group (
  organization_id text not null references organization,
  id text not null unique,
  name text not null,
  description text not null,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, name)
);

create table group_member (
  organization_id text not null,
  group_id text not null,
  principal_id text not null,
  primary key (organization_id, group_id, principal_id),
  foreign key (organization_id, group_id) references principal_group on delete cascade,
  foreign key (organization_id, principal_id) references principal on delete cascade
);

create index group_member_of_principal on group_member (organization_id, principal_id);

-- A role held by a principal or by a group, on the whole organization or on one resource.
create table binding (
  organization_id text not null references organization,
  id text not null unique,
  role_id text not null,
  principal_id text,
  group_id text,
  resource text,
  expires_at timestamptz,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  foreign key (organization_id, role_id) references role,
  foreign key (organization_id, principal_id) references principal on delete cascade,
  foreign key (organization_id, group_id) references principal_group on delete cascade,
  check (num_nonnulls(principal_id, group_id) = 1),
  unique nulls not distinct (organization_id, role_id, principal_id, group_id, resource)
);

create index binding_of_principal on binding (organization_id, principal_id);
create index binding_of_group on binding (organization_id, group_id);
