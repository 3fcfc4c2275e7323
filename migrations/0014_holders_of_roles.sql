-- 0014: who holds a role everywhere, or on one resource, among the many who hold it on others. The
-- key of the table ends in the resource behind its holder: for that question it is read whole.
-- least program: 0.1.0

create index binding_of_role_on_resource on binding (organization_id, role_id, resource);
