-- 0005: which key-encryption key seals the signing keys. Only who holds this one makes keys and lets
-- them begin to sign: a process that was started with another one leaves them alone.
-- least program: 0.1.0

alter table server add column key_encryption_key_id text;

update server set key_encryption_key_id = (
  select key_encryption_key_id from signing_key order by announced_at desc, kid limit 1
);
