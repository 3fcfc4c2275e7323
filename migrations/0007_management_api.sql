-- 0007: the management API as an API of every organization, and the built-in roles over it. What is
-- written here for organizations that exist, the program writes for new ones. Its audience is relative
-- to the issuer, so that nothing at rest depends on what the server is called.
-- least program: 0.1.0

alter table api add column built_in boolean not null default false;

-- Unique in the whole server, but for the management API, which every organization has.
alter table api drop constraint api_audience_key;
create unique index api_audience
  on api (audience, (case when built_in then organization_id end)) nulls not distinct;

-- Names that are built in now make way.
update role set name = case
    when exists (
      select from role other
      where other.organization_id = role.organization_id and other.name = role.name || ' (custom)'
    ) then role.name || ' (' || role.id || ')'
    else role.name || ' (custom)'
  end
where not built_in and name in ('Owner', 'Member manager', 'Viewer');

update api set name = case
    when exists (
      select from api other
      where other.organization_id = api.organization_id and other.name = api.name || ' (custom)'
    ) then api.name || ' (' || api.id || ')'
    else api.name || ' (custom)'
  end
where name = 'Management API';

insert into api (
  organization_id, id, audience, name, token_lifetime_seconds, built_in,
  created_at, created_by_id, created_by_name
)
select id, 'api_0' || left(replace(gen_random_uuid()::text, '-', ''), 25), '/api', 'Management API',
  900, true, created_at, created_by_id, created_by_name
from organization;

insert into api_permission (organization_id, api_id, permission, description)
select api.organization_id, api.id, offered.permission, offered.description
from api, (values
  ('organization:read', 'See the organization'),
  ('organization:manage', 'Rename the organization and choose its default audience'),
  ('members:read', 'See members and invitations'),
  ('members:manage', 'Invite, recover and remove members'),
  ('service-accounts:read', 'See service accounts, what they may do and why they were refused'),
  ('service-accounts:manage', 'Create, change, disable and remove service accounts'),
  ('credentials:read', 'See the credentials of service accounts, never their secrets'),
  ('credentials:manage', 'Create, change, disable and remove credentials'),
  ('groups:read', 'See groups and who is in them'),
  ('groups:manage', 'Create, change and remove groups, and put principals into them'),
  ('roles:read', 'See roles'),
  ('roles:manage', 'Create, change and remove roles'),
  ('bindings:read', 'See granted roles'),
  ('bindings:manage', 'Grant and withdraw roles'),
  ('apis:read', 'See APIs and their permissions'),
  ('apis:manage', 'Register, change and remove APIs'),
  ('audit:read', 'Read the audit trail and the calls that were denied')
) as offered (permission, description)
where api.built_in;

insert into role (
  organization_id, id, name, description, built_in, created_at, created_by_id, created_by_name
)
select organization.id, 'rol_0' || left(replace(gen_random_uuid()::text, '-', ''), 25), more.name,
  more.description, true, created_at, created_by_id, created_by_name
from organization, (values
  ('Member manager', 'Looks after members, service accounts and what they hold.'),
  ('Viewer', 'Sees everything and changes nothing.')
) as more (name, description);

insert into role_permission (organization_id, role_id, api_id, permission)
select role.organization_id, role.id, api.id, held.permission
from role
join api on api.organization_id = role.organization_id and api.built_in
join api_permission as held on held.organization_id = api.organization_id and held.api_id = api.id
where role.built_in and (
  role.name = 'Owner'
  or held.permission like '%:read'
  or (role.name = 'Member manager' and held.permission in (
    'members:manage', 'service-accounts:manage', 'credentials:manage', 'groups:manage',
    'bindings:manage'
  ))
);

-- Processes that run already forget what they know of roles. A new database has no counter yet.
with counter as (
  update change_counter set position = position + 1
  where exists (select from organization)
  returning position
)
insert into change (position, id, kind, subject, at)
select position, gen_random_uuid(), 'server', 'server', statement_timestamp() from counter;
