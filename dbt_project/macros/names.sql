{#-
  What a name is counted by, however it is spelt: without width, case, spaces, brackets, quotation
  marks, middle dots and signs that nobody sees. translate() drops what has no counterpart.
-#}
{%- macro name_key(name) -%}
    {%- set wide = "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＆＋－．，／＃" -%}
    {%- set narrow = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&+-.,/#" -%}
    {%- set spaces = " \t\n\r\u000b\u000c\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000" -%}
    {%- set unseen = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff" -%}
    {%- set brackets = "()（）[]［］【】〔〕〖〗{}｛｝<>＜＞〈〉《》「」『』﹙﹚" -%}
    {%- set marks = "\u0022“”„＂‘’＇·•・･‧∙" -%}
    {%- set dropped = spaces ~ unseen ~ brackets ~ marks -%}
    nullif(lower(translate({{ name }}, {{ text(wide ~ dropped) }}, {{ text(narrow) }})), '')
{%- endmacro -%}

{#-
  What is left of a key where two names of one enterprise, college or event agree: without its legal
  form, and with the ranks that a vocational college may have as one.
-#}
{%- macro name_stem(key) -%}
    {%- set plain = namespace(sql=key) -%}
    {%- for form in ("股份有限公司", "有限责任公司", "有限公司") -%}
        {%- set plain.sql = "replace(" ~ plain.sql ~ ", '" ~ form ~ "', '公司')" -%}
    {%- endfor -%}
    regexp_replace(
        regexp_replace({{ plain.sql }}, '(集团公司|集团|公司)$', ''),
        '职业(技术)?(学院|大学)$', '职业学院'
    )
{%- endmacro -%}

{#- The positions in a name that two spellings may differ at, counted from one. -#}
{%- macro positions() -%}
    (values {% for n in range(1, 61) %}({{ n }}){{ "," if not loop.last }}{% endfor %}) as positions (position)
{%- endmacro -%}

{#-
  Names that are near one another, and those near to these, as groups: to each (scope, column_id,
  name_key) the first key of its group, `head`. `pairs` is a relation of scope, column_id, name_key
  and near_key, each pair once.
-#}
{%- macro grouped_names(pairs) -%}
    {%- set rounds = 3 %}
edges as (

    select scope, column_id, name_key, near_key from {{ pairs }}
    union
    select scope, column_id, near_key, name_key from {{ pairs }}
    union
    select scope, column_id, name_key, name_key from {{ pairs }}
    union
    select scope, column_id, near_key, near_key from {{ pairs }}

),

heads_0 as (

    select distinct
        scope,
        column_id,
        name_key,
        name_key as head
    from edges

),
    {%- for n in range(1, rounds + 1) %}

heads_{{ n }} as (

    select
        edges.scope,
        edges.column_id,
        edges.name_key,
        min(heads.head) as head
    from edges
    inner join heads_{{ n - 1 }} as heads
        on
            edges.scope = heads.scope
            and edges.column_id = heads.column_id
            and edges.near_key = heads.name_key
    group by edges.scope, edges.column_id, edges.name_key

),
    {%- endfor %}

grouped_names as (

    select * from heads_{{ rounds }}

)
{%- endmacro -%}
