{#-
  What a name is counted by, however it is spelt: without width, case, spaces, brackets, quotation
  marks, middle dots and signs that nobody sees. translate() drops what has no counterpart.
-#}
{%- macro name_key(name) -%}
    {%- set wide = "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＆＋－．，／＃！＄％＊：；＝？＠＾＿｀｜～" -%}
    {%- set narrow = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&+-.,/#!$%*:;=?@^_`|~" -%}
    {%- set spaces = " \t\n\r\u000b\u000c\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000" -%}
    {#- As ranges; what a cell says is read without the same ones (intake/plain_text.py). -#}
    {%- set unseen =
        "[\\x{ad}\\x{34f}\\x{61c}\\x{115f}\\x{1160}\\x{17b4}\\x{17b5}\\x{180b}-\\x{180f}\\x{200b}-\\x{200f}"
        ~ "\\x{202a}-\\x{202e}\\x{2060}-\\x{206f}\\x{2800}\\x{3164}\\x{fe00}-\\x{fe0f}\\x{feff}\\x{ffa0}"
        ~ "\\x{e0000}-\\x{e0fff}]" -%}
    {%- set brackets = "()（）[]［］【】〔〕〖〗{}｛｝<>＜＞〈〉《》「」『』﹙﹚" -%}
    {%- set marks = "\u0022“”„＂‘’＇·•・･‧∙" -%}
    {%- set dropped = spaces ~ brackets ~ marks -%}
    {%- set seen = "regexp_replace(" ~ name ~ ", '" ~ unseen ~ "', '', 'g')" -%}
    nullif(lower(translate({{ seen }}, {{ text(wide ~ dropped) }}, {{ text(narrow) }})), '')
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
