-- What the analysts' database holds: its tables, their columns, its macros.
with held as (
    select 'table' as kind, schema_name, table_name as name, null as column_name,
        null as data_type, comment, null as place
    from duckdb_tables() where not internal
    union all
    select 'table', schema_name, view_name, null, null, comment, null
    from duckdb_views() where not internal
    union all
    select 'column', schema_name, table_name, column_name, data_type, comment, column_index
    from duckdb_columns() where not internal
    union all
    select 'macro', schema_name, function_name, array_to_string(parameters, ', '), null,
        coalesce(comment, description), null
    from duckdb_functions() where not internal and function_type in ('macro', 'table_macro')
)

select kind, if(schema_name = 'main', '', schema_name || '.') || name as name,
    column_name, data_type, comment
from held
order by kind, name, place
