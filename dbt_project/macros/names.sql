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
