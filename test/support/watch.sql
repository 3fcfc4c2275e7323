-- For tests only: a commit that touched a watched table without its change row and its audit entry is
-- refused by the database itself. What a transaction wrote of them it notes in settings of its own;
-- to look for its rows in tables that grow took longer than most of what it was to watch.
create function note_written() returns trigger language plpgsql as $$
begin
  if exists (select from written) then
    perform set_config('watch.' || tg_table_name, pg_current_xact_id()::text, true);
  end if;
  return null;
end $$;

create trigger note_written after insert on change
  referencing new table as written execute function note_written();
create trigger note_written after insert on audit_entry
  referencing new table as written execute function note_written();

create function require_change_and_audit() returns trigger language plpgsql as $$
begin
  if current_setting('watch.change', true) is distinct from pg_current_xact_id()::text then
    raise exception 'a commit touched "%" without a change row', tg_table_name;
  end if;
  if current_setting('watch.audit_entry', true) is distinct from pg_current_xact_id()::text then
    raise exception 'a commit touched "%" without an audit entry', tg_table_name;
  end if;
  return null;
end $$;

do $$
declare watched text;
begin
  foreach watched in array array[
    'organization', 'principal', 'service_account', 'credential', 'api', 'api_permission', 'role',
    'role_permission', 'principal_group', 'group_member', 'binding', 'signing_key', 'application_key',
    'person', 'person_password', 'member', 'audience_approval'
  ] loop
    execute format(
      'create constraint trigger require_change_and_audit after insert or update or delete on %I
       deferrable initially deferred for each row execute function require_change_and_audit()',
      watched
    );
  end loop;
  -- These end by themselves, and are then deleted by nobody.
  foreach watched in array array[
    'person_totp', 'invitation', 'invitation_role', 'invitation_group', 'link'
  ] loop
    execute format(
      'create constraint trigger require_change_and_audit after insert or update on %I
       deferrable initially deferred for each row execute function require_change_and_audit()',
      watched
    );
  end loop;
end $$;
