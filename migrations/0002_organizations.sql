-- 0002: organizations, principals, service accounts and their credentials.
-- least program: 0.1.0
--
-- Every row carries its organization and every reference inside a tenant is (organization_id, id):
-- a reference from one organization into another cannot be stored. created_by keeps id and name,
-- without a foreign key that a removal could break.

create table organization (
  id text primary key,
  name text not null unique,
  default_audience text,
  disabled_at timestamptz,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  audit_sequence bigint not null default 0,
  audit_hash bytea not null default decode(repeat('00', 32), 'hex')
);

-- Whoever can hold credentials, be in groups and receive roles.
create table principal (
  organization_id text not null references organization,
  id text not null unique,
  kind text not null check (kind in ('service_account', 'member')),
  primary key (organization_id, id)
);

create table service_account (
  organization_id text not null,
  id text not null unique,
  name text not null,
  description text not null,
  token_lifetime_seconds integer,
  disabled_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, name),
  foreign key (organization_id, id) references principal on delete cascade
);

-- One way a principal proves itself. `handle` and `hash` belong to a client secret; later kinds
-- bring columns of their own.
create table credential (
  organization_id text not null,
  id text not null unique,
  principal_id text not null,
  kind text not null,
  name text not null,
  handle text unique,
  hash text,
  disabled_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  foreign key (organization_id, principal_id) references principal on delete cascade,
  check (kind <> 'client_secret' or (handle is not null and hash is not null))
);

create index credential_of_principal on credential (organization_id, principal_id);
