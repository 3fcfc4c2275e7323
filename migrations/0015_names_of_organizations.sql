-- 0015: names of organizations are labels. While they were unique in the server, an Owner who renamed
-- theirs could ask by which name another one exists. Whoever looks for one by its name still may.
-- least program: 0.1.0

create index organization_of_name on organization (name, id);

alter table organization drop constraint organization_name_key;
