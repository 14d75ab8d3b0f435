{#-
    How DuckDB gets a table or view: dropped and made in one transaction, its comments with it.

    dbt's own way makes it beside the old one and renames both, for warehouses that are read
    meanwhile; nobody reads this one while it is built, and each renaming has dbt look at all of its
    macros anew. Contracts are held as they are there.
-#}
{%- materialization table, adapter="duckdb" -%}
    {{ return(built_in_place("table", create_table_as(false, this, compiled_code))) }}
{%- endmaterialization -%}

{%- materialization view, adapter="duckdb" -%}
    {{ return(built_in_place("view", create_view_as(this, compiled_code))) }}
{%- endmaterialization -%}

{%- macro built_in_place(kind, create) -%}
    {%- set before, built = load_cached_relation(this), this.incorporate(type=kind) -%}
    {%- call statement("main") -%}
        {%- if before -%} drop {{ before.type }} if exists {{ before }}; {%- endif %}
        {{ create }}
    {%- endcall -%}
    {%- do persist_docs(built, model) -%}
    {%- do adapter.commit() -%}
    {{ return({"relations": [built]}) }}
{%- endmacro -%}

{%- macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if config.persist_relation_docs() -%}
        {%- call statement("docs") -%}
            comment on {{ relation.type }} {{ relation }}
            is {{ duckdb_escape_comment(model.description) }};
            {%- for column in model.columns.values() %}
            comment on column {{ relation }}.{{ column.name }}
            is {{ duckdb_escape_comment(column.description) }};
            {%- endfor %}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro -%}
