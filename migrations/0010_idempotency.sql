-- 0010: a creation that is asked for again is not done again.
-- least program: 0.1.0

-- What a caller called a creation, and what it made. Kept for a day. No foreign keys: what was made
-- may be gone, and so may whoever made it.
create table idempotency_key (
  concern text not null,
  actor_id text not null,
  key text not null,
  fingerprint bytea not null,
  target_type text not null,
  target_id text not null,
  created_at timestamptz not null,
  primary key (concern, actor_id, key)
);

create index idempotency_key_created on idempotency_key (created_at);
