-- For tests on the embedded database only: what the tables held at first, and a way back to it.
create schema image;

create table image.table_change (command text not null);

create function image.note_table_change() returns event_trigger language plpgsql as $$
begin
  insert into image.table_change values (tg_tag);
end $$;

do $$
declare held text;
begin
  for held in select tablename from pg_tables where schemaname = 'public' loop
    execute format('create table image.%I as table public.%I', held, held);
  end loop;
end $$;

-- False if there is none, since the tables themselves were changed.
create function image.again() returns boolean language plpgsql as $$
declare held text;
begin
  if exists (select from image.table_change) then return false; end if;
  set local session_replication_role = replica;
  for held in select tablename from pg_tables where schemaname = 'public' loop
    execute format('truncate public.%I restart identity cascade', held);
  end loop;
  for held in select tablename from pg_tables where schemaname = 'public' loop
    execute format('insert into public.%I overriding system value select * from image.%I', held, held);
  end loop;
  return true;
end $$;

create event trigger note_table_change on ddl_command_end
  execute function image.note_table_change();
