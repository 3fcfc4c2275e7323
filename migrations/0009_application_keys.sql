-- 0009: application keys: client ID and secret of a member's own, which end with the member, and the
-- APIs that take tokens of them.
-- least program: 0.1.0

alter table api add column application_keys boolean not null default false;
update api set application_keys = true where built_in;

-- The id is the client ID. `handle` and `hash` are those of its only secret.
create table application_key (
  organization_id text not null,
  id text not null unique,
  member_id text not null,
  description text not null,
  handle text not null unique,
  hash text not null,
  disabled_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  version integer not null default 1,
  primary key (organization_id, id),
  foreign key (organization_id, member_id) references member on delete cascade
);

create index application_key_of_member on application_key (organization_id, member_id, id);
