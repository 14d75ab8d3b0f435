"""Split the printed city totals over the schools: `python samples/split.py` rewrites the files.

What belongs here: the arithmetic of the split. What does not: the totals, the schools and the
made-up rows (samples/plan/<city>.yml), and the workbooks (sample_workbooks.py). Everything
that comes out is SYNTHETIC 合成示例: the schools' own figures were never published. Chance is
seeded by name, so the same plan always gives the same files; a test holds the files against it.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
YEARS = (2024, 2023)
SYNTHETIC = "合成示例"
Row = dict[str, str]
Weights = Sequence[float]


def split(total: int, weights: Weights, caps: Sequence[int] | None = None) -> list[int]:
    """Whole shares of `total` in proportion to `weights`, none above its cap, summing exactly."""
    caps = list(caps) if caps is not None else [total] * len(weights)
    if sum(caps) < total:
        raise ValueError(f"{total} does not fit under caps of {sum(caps)}")
    given = [0] * len(caps)
    while left := total - sum(given):
        free = [i for i, cap in enumerate(caps) if given[i] < cap]
        # A share of zero weight is used only when nothing else has room.
        free = [i for i in free if weights[i] > 0] or free
        whole = sum(weights[i] for i in free)
        exact = {i: left * (weights[i] / whole if whole else 1 / len(free)) for i in free}
        shares = {i: min(int(exact[i]), caps[i] - given[i]) for i in free}
        if not any(shares.values()):
            largest = sorted(free, key=lambda i: (-exact[i], i))[:left]
            shares = dict.fromkeys(largest, 1)
        for i, share in shares.items():
            given[i] += share
    return given


def crossed(rows: Sequence[int], columns: Sequence[int], chance: Random) -> list[list[int]]:
    """Return a table of whole numbers with exactly these row and column sums."""
    if sum(rows) != sum(columns):
        raise ValueError(f"rows sum to {sum(rows)}, columns to {sum(columns)}")
    left, out = list(rows), [[0] * len(columns) for _ in rows]
    # The greatest column takes what is left, so that small ones can be shared out freely.
    order = sorted(range(len(columns)), key=lambda c: columns[c])
    for c in order[:-1]:
        given = split(columns[c], [n * chance.uniform(0.85, 1.15) for n in left], left)
        for r, n in enumerate(given):
            out[r][c], left[r] = n, left[r] - n
    for r, n in enumerate(left):
        out[r][order[-1]] = n
    return out


def parted(total: int, shares: Weights, chance: Random) -> list[int]:
    """One number in parts of roughly these shares."""
    return split(total, [s * chance.uniform(0.9, 1.1) for s in shares])


def money(hundredths: int) -> str:
    """万元 as a clerk types it, from hundredths."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


class Split:
    """One city's plan, shared out for one year; `tables` holds rows as a clerk would type them."""

    def __init__(self, plan: dict[str, Any], year: int, majors: dict[str, str]) -> None:
        self.plan, self.year, self.majors = plan, year, majors
        self.totals = plan["totals"][year]
        self.keys = list(plan["schools"])
        self.codes = school_codes(plan)
        self.tables: dict[str, list[tuple[str, Row]]] = {}
        self._anchors()
        self._students()
        self._programmes()
        self._staff()
        self._conditions()
        self._destinations()
        self._contests()
        self._partners()
        self._services()
        self._words()
        for table, changes in plan["overrides"].items():
            for change in changes:
                if change["year"] == year:
                    self._row(table, change["school"])[change["column"]] = change["typed"]

    # -- shares -----------------------------------------------------------------------------------

    def chance(self, name: str, yearly: bool = False) -> Random:
        """Seeded by city and name; by year only for the small change from one year to the next."""
        return Random(f"{self.plan['city']}:{name}" + (f":{self.year}" if yearly else ""))

    def spread(
        self,
        name: str,
        total: int,
        base: Weights,
        caps: Sequence[int] | None = None,
        wide: float = 0.06,
    ) -> list[int]:
        """Shares that differ between schools by `wide` and between years by a little."""
        steady, yearly = self.chance(name), self.chance(name, yearly=True)
        weights = [
            b * steady.uniform(1 - wide, 1 + wide) * yearly.uniform(0.985, 1.015) for b in base
        ]
        return split(total, weights, caps)

    def add(self, table: str, school: str, **cells: Any) -> None:
        """One row as typed."""
        row = {k: "" if v is None else str(v) for k, v in cells.items()}
        self.tables.setdefault(table, []).append((school, row))

    def _row(self, table: str, school: str) -> Row:
        return next(row for key, row in self.tables[table] if key == school)

    # -- tables -----------------------------------------------------------------------------------

    def _anchors(self) -> None:
        facts = list(self.plan["schools"].values())
        self.public = [f[2] == "公办" for f in facts]
        self.monitored = [bool(f[4]) for f in facts]
        self.enrolled = [f[5] for f in facts]
        self.full_time = [f[6] for f in facts]
        self.staff = [f[7] for f in facts]
        if self.year == 2024:
            return
        for i, fact in enumerate(facts):
            chance = self.chance(f"anchors:{self.keys[i]}", yearly=True)
            self.enrolled[i] = round(fact[5] * chance.uniform(0.956, 0.985))
            teachers = fact[6] - max(1, round(fact[6] * chance.uniform(0.01, 0.04)))
            # A monitored school keeps the 60 teachers that the standard asks for.
            self.full_time[i] = fact[6] + 1 if self.monitored[i] and teachers < 60 else teachers
            self.staff[i] = self.full_time[i] + fact[7] - fact[6]

    def _students(self) -> None:
        t = self.totals
        employed, levels, without = sum(t["employed"]), sum(t["levels"]), sum(t["without"])
        self.entrants = self.spread("entrants", t["entrants"], self.enrolled, wide=0.04)
        self.graduates = self.spread("graduates", employed + levels + without, self.enrolled)
        self.certified = self.spread(
            "certified", t["certificate_holders"], self.graduates, self.graduates, wide=0.3
        )
        for i, key in enumerate(self.keys):
            chance = self.chance(f"students:{key}", yearly=True)
            tested = round(self.enrolled[i] * chance.uniform(0.93, 0.985))
            self.add(
                "students",
                key,
                entrants=self.entrants[i],
                enrolled=self.enrolled[i],
                certificate_holders=self.certified[i],
                fitness_tested=tested,
                fitness_passed=round(tested * chance.uniform(0.89, 0.96)),
            )
            level = ("初级", "中级", "高级")
            names = ("计算机程序设计员", "汽车维修工", "保育师")
            parts = parted(self.certified[i], (5, 3, 2), chance)
            for name, grade, holders in zip(names, level, parts, strict=True):
                if holders:
                    row = {"certificate": name, "level": grade, "holders": holders}
                    self.add("certificates", key, **row)

    def _programmes(self) -> None:
        popularity, themes = self.plan["popularity"], self.plan["themes"]
        for i, key in enumerate(self.keys):
            new = {str(c) for c in self.plan["opened_in_2024"].get(key, ())}
            codes = [str(c) for c in self.plan["programmes"][key]]
            codes = [c for c in codes if self.year == 2024 or c not in new]
            flagship = {str(c) for c in self.plan["flagship"].get(key, ())}
            steady = self.chance(f"programmes:{key}")
            liked = {
                c: popularity.get(c[:2], 0.6) * steady.uniform(0.8, 1.25) for c in sorted(codes)
            }
            weights = [liked[c] * (0.3 if c in new else 1) for c in codes]
            older = [0.0 if c in new else liked[c] for c in codes]
            entrants = split(self.entrants[i], weights)
            graduates = split(self.graduates[i], older)
            upper = split(self.enrolled[i] - self.entrants[i], older)
            chance = self.chance(f"grades:{key}", yearly=True)
            for p, code in enumerate(codes):
                second, third = parted(upper[p], (1.03, 1), chance)
                self.add(
                    "programmes",
                    key,
                    major_code=code,
                    major_name=self.majors[code],
                    themes=themes.get(code, "其他"),
                    is_flagship="是" if code in flagship else "否",
                    entrants=entrants[p],
                    enrolled=entrants[p] + upper[p],
                    enrolled_grade_1=entrants[p],
                    enrolled_grade_2=second,
                    enrolled_grade_3=third,
                    graduates=graduates[p],
                )

    def _staff(self) -> None:
        t, full = self.totals, self.full_time
        general_total = sum(full) - t["specialised"]
        general = self.spread("general", general_total, full, full, wide=0.1)
        others = general_total - t["pe"] - t["arts"]
        pe_arts = crossed(general, (t["pe"], t["arts"], others), self.chance("pe_arts"))
        specialised = [f - g for f, g in zip(full, general, strict=True)]
        dual = self.spread("dual", t["dual"], specialised, specialised, wide=0.15)
        political = self.spread("political", t["political"], full, full, wide=0.1)
        external = self.spread("external", t["external"], full, wide=0.2)
        public_staff = [s if p else 0 for s, p in zip(self.staff, self.public, strict=True)]
        without_post = self.spread(
            "without_post", t["without_post_public"], public_staff, public_staff, wide=0.25
        )
        large = [f if p else 0 for f, p in zip(full, self.public, strict=True)]
        recruited = self.spread("recruited", t["recruited"], large, full, wide=0.4)
        for i, key in enumerate(self.keys):
            chance = self.chance(f"staff:{key}")
            titles = parted(full[i], (0.02, 0.24, 0.39, 0.35), chance)
            degrees = parted(full[i], (0.08, 0.86, 0.06), chance)
            ages = parted(full[i], (0.27, 0.33, 0.28, 0.12), chance)
            # Nobody at a private school holds an established post: all its staff are without one.
            missing = without_post[i] if self.public[i] else self.staff[i]
            posts = self.staff[i] - missing + chance.randint(0, 4) if self.public[i] else 0
            self.add(
                "staff",
                key,
                staff=self.staff[i],
                full_time_teachers=full[i],
                specialised_teachers=specialised[i],
                dual_qualified_teachers=dual[i],
                political_teachers=political[i],
                pe_teachers=pe_arts[i][0],
                arts_teachers=pe_arts[i][1],
                external_teachers=external[i],
                authorised_posts=posts,
                staff_without_post=missing,
                title_senior=titles[0],
                title_associate_senior=titles[1],
                title_intermediate=titles[2],
                title_junior=titles[3],
                degree_postgraduate=degrees[0],
                degree_bachelor=degrees[1],
                degree_below_bachelor=degrees[2],
                age_under_35=ages[0],
                age_35_to_44=ages[1],
                age_45_to_54=ages[2],
                age_55_and_over=ages[3],
                recruited_teachers=recruited[i],
            )

    def _conditions(self) -> None:
        for i, key in enumerate(self.keys):
            chance, students = self.chance(f"conditions:{key}"), self.plan["schools"][key][5]
            # Floors are the thresholds and some; only monitored schools are held to them.
            campus, building, equipment = (43000, 25600, 330) if self.monitored[i] else (0, 0, 0)
            area = max(campus * chance.uniform(1, 1.06), students * chance.uniform(44, 56))
            built = max(building * chance.uniform(1, 1.06), students * chance.uniform(24, 29))
            worth = max(equipment * chance.uniform(1, 1.1), students * chance.uniform(0.36, 0.52))
            books = students * chance.uniform(36, 46)
            stations, computers = students * chance.uniform(0.3, 0.45), students * 0.16
            then = 1.0
            if self.year == 2023:
                then = self.chance(f"conditions:{key}", yearly=True).uniform(0.955, 0.985)
            self.add(
                "conditions",
                key,
                campus_area_m2=round(area * then),
                building_area_m2=round(built * then),
                equipment_value_10k_cny=money(round(worth * then * 10) * 10),
                books=round(books * then),
                practice_stations=round(stations * then),
                computers=round(computers * then),
                bandwidth_mbps=1000 if students > 1000 else 500,
            )

    def _destinations(self) -> None:
        t, chance = self.totals, self.chance
        outcome = (sum(t["employed"]), sum(t["levels"]), sum(t["without"]))
        three = crossed(self.graduates, outcome, chance("outcome"))
        direct, further, without = ([row[c] for row in three] for c in range(3))
        employed = crossed(direct, t["employed"], chance("employed"))
        levels = crossed(further, t["levels"], chance("levels"))
        channels = crossed(further, t["channels"], chance("channels"))
        idle = crossed(without, t["without"], chance("without"))
        own_field = self.spread("own_field", t["own_field"], direct, direct, wide=0.3)
        local = self.spread("local", t["local"], direct, direct, wide=0.2)
        sectors = [[0, 0, 0]] * len(direct)
        if sum(t["sectors"]):
            sectors = crossed(direct, t["sectors"], chance("sectors"))
        for i, key in enumerate(self.keys):
            self.add(
                "destinations",
                key,
                graduates=self.graduates[i],
                directly_employed=direct[i],
                further_study=further[i],
                without_destination=without[i],
                contract_employed=employed[i][0],
                enlisted=employed[i][1],
                self_employed=employed[i][2],
                flexibly_employed=employed[i][3],
                own_field_employed=own_field[i],
                to_bachelor=levels[i][0],
                to_associate=levels[i][1],
                via_general_exam=channels[i][0],
                via_vocational_exam=channels[i][1],
                via_abroad=channels[i][2],
                via_articulated=channels[i][3],
                via_five_year=channels[i][4],
                seeking_work=idle[i][0],
                preparing_study=idle[i][1],
                otherwise_not_employed=idle[i][2],
                employed_primary_sector=sectors[i][0],
                employed_secondary_sector=sectors[i][1],
                employed_tertiary_sector=sectors[i][2],
                employed_locally=local[i],
            )

    def _contests(self) -> None:
        t, names = self.totals, self.plan["contest_names"]
        columns = list(form_columns()["contests"])
        for school, *cells in self.plan["rows"]["contests"][self.year]:
            self.add("contests", school, **dict(zip(columns, cells, strict=True)))
        for track, label, total, prizes in (
            ("student_skills", "学生技能", t["provincial_students"], t["student_prizes"]),
            ("teacher_skills", "教师技能", t["provincial_teachers"], t["teacher_prizes"]),
        ):
            # An event a school enters is named for a programme that it offers.
            events = [
                (i, self.majors[str(code)])
                for i, key in enumerate(self.keys)
                for code in self.plan["programmes"][key][: 1 + self.enrolled[i] // 300]
            ]
            entered = self.spread(track, total, [self.enrolled[i] for i, _ in events], wide=0.3)
            room, won = list(entered), []
            for prize, number in zip(("first", "second", "third"), prizes, strict=True):
                won.append(self.spread(f"{track}:{prize}", number, room, room, wide=0.5))
                room = [r - w for r, w in zip(room, won[-1], strict=True)]
            for e, (i, event) in enumerate(events):
                if entered[e]:
                    people = (entered[e], 0) if track == "student_skills" else (0, entered[e])
                    row = (label, "省", names[track], event, *people, *(w[e] for w in won))
                    self.add("contests", self.keys[i], **dict(zip(columns, row, strict=False)))
        students = self.spread("city_students", t["city_students"], self.enrolled, wide=0.1)
        teachers = split(t["city_teachers"], [f + 40 for f in self.full_time])
        for i, key in enumerate(self.keys):
            row = ("学生技能", "市", names["city"], "综合技能", students[i], 0)
            self.add("contests", key, **dict(zip(columns, row, strict=False)))
            if teachers[i]:
                event = self.plan["city_teacher_event"]
                row = ("教师技能", "市", names["city_teachers"], event, 0, teachers[i])
                self.add("contests", key, **dict(zip(columns, row, strict=False)))

    def _partners(self) -> None:
        made, columns = self.plan["made_up"], form_columns()
        for table in ("partnerships", "articulation"):
            for school, *cells in self.plan["rows"][table][self.year]:
                self.add(table, school, **dict(zip(columns[table], cells, strict=True)))
        taken = {(s, r["enterprise"]) for s, r in self.tables["partnerships"]}
        # Dealt out in turn to schools by size; then some once more, to another school.
        deck = [self.keys[i] for i, n in enumerate(self.enrolled) for _ in range(1 + n // 250)]
        for n in range(made["enterprises"][self.year] + made["shared_enterprises"]):
            number = n % made["enterprises"][self.year] + 1
            again = n >= made["enterprises"][self.year]
            school = deck[(n * 7 + (3 if again else 0)) % len(deck)]
            name = f"示例企业{number:03d}"
            if (school, name) in taken or any(name == e for _, e in taken if not again):
                continue
            taken.add((school, name))
            self.add(
                "partnerships",
                school,
                enterprise=name,
                has_agreement="是",
                is_practice_base="是" if number % 3 else "否",
            )
        linked, colleges = made["articulated"], made["articulated"]["colleges"][self.year]
        schools = linked["schools"]
        pairs = [(schools[n % len(schools)], n % colleges + 1) for n in range(linked["offers"])]
        size = [self.entrants[self.keys.index(school)] for school, _ in pairs]
        entrants = self.spread("articulated", linked["entrants"][self.year], size)
        for (school, number), people in zip(pairs, entrants, strict=True):
            self.add(
                "articulation",
                school,
                programme="3+2",
                partner=f"示例高职院校{number:02d}",
                partner_level="高职",
                entrants=people,
            )

    def _services(self) -> None:
        t, columns = self.totals, form_columns()
        for table in ("training", "international", "courses", "teacher_training"):
            self.tables.setdefault(table, [])
            for school, *cells in self.plan["rows"][table][self.year]:
                self.add(table, school, **dict(zip(columns[table], cells, strict=True)))
        sessions = self.spread("sessions", t["school_sessions"], self.full_time)
        trained = self.spread("trained", t["school_training"], self.full_time)
        # A private school costs the treasury less; tuition pays the rest.
        share = [n * (1 if p else 0.45) for n, p in zip(self.enrolled, self.public, strict=True)]
        fiscal = self.spread("fiscal", t["fiscal"] * 100, share)
        special = self.spread("special", t["special"] * 100, share)
        internship = self.spread("internship", t["internship"] * 100, self.enrolled)
        asked = {"学生": 1.0, "毕业生": 0.1, "家长": 0.9, "教职工": 0.06, "用人单位": 0.02}
        for i, key in enumerate(self.keys):
            if sessions[i]:
                row = {"sessions": sessions[i], "person_times": trained[i]}
                self.add("teacher_training", key, level="校级", **row)
            self.add(
                "finance",
                key,
                fiscal_appropriation_10k_cny=money(fiscal[i]),
                special_funds_10k_cny=money(special[i]),
                internship_funds_10k_cny=money(internship[i]),
            )
            chance = self.chance(f"satisfaction:{key}")
            for who, part in asked.items():
                surveyed = max(5, round(self.enrolled[i] * part * t["surveyed"]))
                rate = t["satisfied"] + chance.uniform(-0.02, 0.02)
                people = {"surveyed": surveyed, "satisfied": round(surveyed * rate)}
                self.add("satisfaction", key, respondent=who, **people)

    def _words(self) -> None:
        designations = self.plan["designations"]
        for key, (name, _, ownership, founded, *_) in self.plan["schools"].items():
            self.add(
                "cover",
                key,
                school_name=name,
                form_version=f"{self.year}.1（{SYNTHETIC}）",
                filled_on=f"{self.year}-12-10",
                is_confirmed="是",
                confirmed_by=f"校长（{SYNTHETIC}）",
                confirmed_on=f"{self.year}-12-10",
            )
            self.add(
                "profile",
                key,
                ownership=ownership,
                school_class="普通中专" if ownership == "公办" else "职业高中",
                founded_year=founded,
                **{k: "是" if key in schools else "否" for k, schools in designations.items()},
            )
            body = f"本填报表为{SYNTHETIC}，由全市公布的合计数拆分而成，并非学校真实填报。"
            self.add("cases", key, title=SYNTHETIC, body=body)
        self.tables["explanations"] = []
        for school, rule, words in self.plan.get("explanations", {}).get(self.year, ()):
            self.add("explanations", school, rule_id=rule, explanation=words)
        self.add("bureau", "", **self.plan["bureau"][self.year])
        self.add(
            "bureau_cover",
            "",
            city_code=self.plan["city_code"],
            city_name=self.plan["city_name"],
            form_version=f"{self.year}.1（{SYNTHETIC}）",
            filled_on=f"{self.year}-12-20",
            is_confirmed="是",
        )


def school_codes(plan: dict[str, Any]) -> dict[str, str]:
    """Made-up codes: 99, the county, a number. No real 学校标识码 begins with a 9."""
    facts = plan["schools"].items()
    return {key: f"99{fact[1]}{n:02d}" for n, (key, fact) in enumerate(facts, start=1)}


def form_columns() -> dict[str, list[str]]:
    """Column ids of every table of the 2024 form."""
    sheets = (yaml.safe_load(path.read_text("utf-8")) for path in _form_files())
    return {s["table"]: [c["id"] for c in s["columns"]] for s in sheets}


def absent_columns(year: int) -> dict[str, list[str]]:
    """Columns that a year's form does not have, by table."""
    path = REPOSITORY / "forms" / str(year) / "form.yml"
    return yaml.safe_load(path.read_text("utf-8")).get("absent", {})


def _form_files() -> list[Path]:
    return sorted(p for p in (REPOSITORY / "forms" / "2024").glob("*.yml") if p.stem != "form")


def _csv(header: list[str], rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def files() -> dict[Path, str]:
    """Every file that this script writes, with its text."""
    majors_path = REPOSITORY / "dbt_project" / "seeds" / "majors.csv"
    with majors_path.open(encoding="utf-8", newline="") as file:
        majors = {row["code"]: row["name"] for row in csv.DictReader(file)}
    columns, out = form_columns(), {}
    for path in sorted((HERE / "plan").glob("*.yml")):
        plan = yaml.safe_load(path.read_text("utf-8"))
        city, codes = plan["city"], school_codes(plan)
        roster, rows = [], {table: [] for table in columns}
        for year in YEARS:
            absent = absent_columns(year)
            for key, (name, county, ownership, _, monitored, *_) in plan["schools"].items():
                row = {"year": str(year), "school_code": codes[key], "school_name": name}
                row |= {"county_code": county, "is_monitored": str(bool(monitored)).lower()}
                roster.append(row | {"ownership": ownership})
            for table, filled in Split(plan, year, majors).tables.items():
                order = {key: n for n, key in enumerate(codes)}
                for key, cells in sorted(filled, key=lambda item: order.get(item[0], -1)):
                    kept = {k: v for k, v in cells.items() if k not in absent.get(table, ())}
                    known = {"year": str(year), "school_code": codes.get(key, "")}
                    rows[table].append(known | kept)
        header = [
            *("year", "school_code", "school_name", "county_code"),
            "is_monitored",
            "ownership",
        ]
        out[REPOSITORY / "cities" / city / "schools.csv"] = _csv(header, roster)
        for table, ids in columns.items():
            # The cover's own year and code are the key: they are the same cells.
            header = list(dict.fromkeys(["year", "school_code", *ids]))
            out[HERE / city / f"{table}.csv"] = _csv(header, rows[table])
    return out


def main() -> int:
    """Write what differs; with --check only say so."""
    stale = [p for p, text in files().items() if not p.exists() or p.read_text("utf-8") != text]
    for path in stale:
        print(path.relative_to(REPOSITORY))
    if "--check" in sys.argv[1:]:
        return 1 if stale else 0
    texts = files()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
