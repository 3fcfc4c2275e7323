-- 0013: audiences outside an organization's own part that an operator approves for it.
-- least program: 0.1.0

create table audience_approval (
  organization_id text not null references organization,
  id text not null unique,
  audience text not null,
  created_at timestamptz not null,
  created_by_id text not null,
  created_by_name text not null,
  primary key (organization_id, id),
  unique (organization_id, audience)
);
