-- 0001: the server, the change log that keeps the memory of every process true, and the audit trail.
-- least program: 0.1.0

-- The server's own row. Acts that concern all tenants lock it, as acts inside an organization lock
-- the organization's row.
create table server (
  singleton boolean primary key default true check (singleton),
  created_at timestamptz not null,
  audit_sequence bigint not null default 0,
  audit_hash bytea not null default decode(repeat('00', 32), 'hex')
);

-- One row. Positions are taken by the last statement before COMMIT, so they have no gaps and their
-- order is the order of the commits. A restored backup gets a new epoch.
create table change_counter (
  singleton boolean primary key default true check (singleton),
  epoch text not null,
  position bigint not null
);

create table change (
  position bigint primary key,
  id text not null,
  kind text not null,
  organization_id text,
  subject text not null,
  at timestamptz not null
);

-- What happened, for good. A chain per organization, and one of the server. `entry` holds the
-- canonical bytes; hash = sha256(hash of the entry before || entry). No foreign key: the trail
-- outlives what it speaks of.
create table audit_entry (
  chain text not null,
  sequence bigint not null,
  at timestamptz not null,
  kind text not null,
  actor_id text not null,
  target_id text not null,
  trace_id text not null,
  entry bytea not null,
  hash bytea not null,
  primary key (chain, sequence)
);
