-- 0008: people, apart from their membership of organizations: one person, several organizations.
-- least program: 0.1.0
--
-- Each way to prove who one is has a table of its own beside `person`: another way is another table.
-- Links and sessions are found by the SHA-256 of their token; the token itself is nowhere.

create table person (
  id text primary key,
  email text not null unique,
  name text not null,
  is_operator boolean not null default false,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null
);

create index person_who_is_operator on person (id) where is_operator;

create table person_password (
  person_id text primary key references person on delete cascade,
  hash text not null,
  changed_at timestamptz not null
);

-- The secret is sealed (JWE) under a key-encryption key. It counts once a code of it was shown;
-- `last_step` is the last time step of which a code was taken, so that none is taken twice.
create table person_totp (
  person_id text primary key references person on delete cascade,
  sealed_secret text not null,
  key_encryption_key_id text not null,
  begun_at timestamptz not null,
  confirmed_at timestamptz,
  last_step bigint not null default 0
);

create table member (
  organization_id text not null references organization,
  id text not null unique,
  person_id text not null references person,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, person_id),
  foreign key (organization_id, id) references principal on delete cascade
);

create index member_of_person on member (person_id);

create table invitation (
  organization_id text not null references organization,
  id text not null unique,
  email text not null,
  token_hash bytea not null unique,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, email)
);

create index invitation_by_end on invitation (expires_at);

create table invitation_role (
  organization_id text not null,
  invitation_id text not null,
  role_id text not null,
  primary key (organization_id, invitation_id, role_id),
  foreign key (organization_id, invitation_id) references invitation on delete cascade,
  foreign key (organization_id, role_id) references role on delete cascade
);

create index invitation_role_of_role on invitation_role (organization_id, role_id);

create table invitation_group (
  organization_id text not null,
  invitation_id text not null,
  group_id text not null,
  primary key (organization_id, invitation_id, group_id),
  foreign key (organization_id, invitation_id) references invitation on delete cascade,
  foreign key (organization_id, group_id) references principal_group on delete cascade
);

create index invitation_group_of_group on invitation_group (organization_id, group_id);

-- One-time links to the first operator (no person yet) and to a new password (of a person): of each
-- at most one, the newest.
create table link (
  kind text not null check (kind in ('setup', 'recovery')),
  person_id text references person on delete cascade,
  token_hash bytea not null unique,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  unique nulls not distinct (kind, person_id),
  check ((kind = 'setup') = (person_id is null))
);

create table session (
  id text primary key,
  person_id text not null references person on delete cascade,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  ends_at timestamptz not null,
  network text not null,
  user_agent text not null
);

create index session_of_person on session (person_id);
create index session_by_end on session (ends_at);
