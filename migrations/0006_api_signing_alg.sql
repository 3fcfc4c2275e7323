-- 0006: what the tokens of an API are signed with. `signing_alg_before` goes on until a key of
-- `signing_alg` may sign; null for an API that never had another.
-- least program: 0.1.0

alter table api add column signing_alg text not null default 'ES256';
alter table api add column signing_alg_before text;
