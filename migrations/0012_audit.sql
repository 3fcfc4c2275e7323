-- 0012: the audit trail is filtered; denied calls of management and refused token requests are kept.
-- least program: 0.1.0

create index audit_entry_of_actor on audit_entry (chain, actor_id, sequence);
create index audit_entry_of_target on audit_entry (chain, target_id, sequence);
create index audit_entry_of_kind on audit_entry (chain, kind, sequence);
create index audit_entry_at on audit_entry (chain, at);

-- The newest denied calls, a bounded number. They change nothing, so they are no part of a chain.
-- organization_id is the organization of whoever called (none for a person as such), and
-- target_organization_id the one that the call named. No foreign keys: as in the trail, what is
-- spoken of may be gone, or may never have been there.
create table denied_call (
  id bigint generated always as identity primary key,
  organization_id text,
  at timestamptz not null,
  operation text not null,
  reason text not null,
  target_organization_id text,
  actor_type text not null,
  actor_id text not null,
  actor_name text not null,
  client_id text,
  trace_id text not null,
  network text not null
);

create index denied_call_of_organization on denied_call (organization_id, id);

-- Why token requests were refused lately: a row for each client, reason and network, counted.
-- client_id is empty for all callers that named no client there is; `named` is what the last of them
-- said. A bounded number of rows in all, and for each client.
create table token_refusal (
  client_id text not null,
  reason text not null,
  network text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  named text,
  facts text,
  user_agent text,
  trace_ids text[] not null,
  primary key (client_id, reason, network)
);

create index token_refusal_last on token_refusal (last_at);
