-- 0004: the keys that sign. What a key is (next, active, retired) follows from its times; the private
-- half is sealed (JWE) under a key-encryption key that is not in the database.
-- least program: 0.1.0

create table signing_key (
  kid text primary key,
  use text not null,
  alg text not null,
  public_jwk jsonb not null,
  sealed_private_key text not null,
  key_encryption_key_id text not null,
  announced_at timestamptz not null,
  signs_from timestamptz,
  revoked_at timestamptz
);
