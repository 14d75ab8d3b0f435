-- What analysts ask of all editions. A day is that of the home's people, for the edition and for a
-- moment that is asked for, whatever the session's zone.

create or replace macro indicator_as_of(which_city, which_year, which_date) as table
select m.* from fct_edition_metric as m
inner join (
    -- Standing on a day: published by its end, and not withdrawn by then.
    select e.city, e.year, max(e.edition) as edition
    from fct_edition as e
    cross join (
        select case typeof(which_date)
            when 'TIMESTAMP WITH TIME ZONE'
                then cast(cast(which_date as timestamptz) at time zone '{zone}' as date)
            else cast(which_date as date)
        end as day
    ) as asked
    where e.city = which_city and e.year = which_year
        and cast(e.published_at at time zone '{zone}' as date) <= asked.day
        and (
            e.stood_until is null
            or cast(e.stood_until at time zone '{zone}' as date) > asked.day
        )
    group by e.city, e.year
) as standing using (city, year, edition);

comment on macro table indicator_as_of is 'Figures of a city''s year as they stood at the end of a day in {zone}: from indicator_as_of(''qingyang'', 2024, date ''2025-03-31'')';

create or replace macro indicator_final(which_city, which_year) as table
select m.* from fct_edition_metric as m
inner join fct_edition as e using (city, year, edition)
where e.city = which_city and e.year = which_year and e.is_current_final;

comment on macro table indicator_final is 'Figures of a city''s year as they are final now: from indicator_final(''qingyang'', 2024)';

create or replace macro edition_changes(which_city, which_year, older, newer) as table
select
    coalesce(b.indicator_id, a.indicator_id) as indicator_id,
    coalesce(b.name_zh, a.name_zh) as name_zh,
    a.value_printed as older,
    b.value_printed as newer,
    b.value - a.value as difference
from (
    from fct_edition_metric
    where city = which_city and year = which_year and edition = older
) as a
full join (
    from fct_edition_metric
    where city = which_city and year = which_year and edition = newer
) as b on a.indicator_id = b.indicator_id
where a.value_printed is distinct from b.value_printed
    -- Of an edition that there is not, every figure would look new or gone.
    and (
        select count(distinct edition) from fct_edition
        where city = which_city and year = which_year and edition in (older, newer)
    ) = 2;

comment on macro table edition_changes is 'What two editions print differently: from edition_changes(''qingyang'', 2024, 1, 3)';
