"""Notes below a table that leave figures out, give others or doubt them, and notes that do not."""

from grids import Book
from truth import Case, Truth

ONE = ("xlsx",)
SHEETS = ("学生", "职业技能证书")
OTHERS = (
    *("注：在校生数不含三年级", "注：本表未包括技工部学生", "注：三年级未统计", "注：护理专业未报"),
    *("注：多统计5人", "注：差5人", "注：剔除休学学生", "注：准确数为1600", "注：1510→1600"),
    *("注：此表已废止", "注：此表停用", "注：旧数据", "注：沿用旧数据", "注：与去年一致"),
    *("注：仅供参考", "注：含往届毕业生", "注：获证人数为报名人数", "注：在校生数与去年一致"),
    *("注：学生数含附设中职班", "注：上年招生数1600", "注：春季招生数20", "注：以上为毕业生"),
    *("注：招生数含2024年春季", "注：本表为本科教师", "注：不含教师", "注：统计范围：毕业生"),
    *(
        "注：数据由三年级提供",
        "注：按合同统计",
        "审核：退回",
        "注：招生数1600",
        "注：招生1510人",
        "注：9月1日前注册的学生",
    ),
)
ORDINARY = (
    *("注：招生数较上年多5人", "注：少数民族学生20人", "注：金额不含税", "注：数据由教务处提供"),
    *("注：1.以上数据真实有效；2.金额单位万元", "填报单位负责人（签章）：王志强"),
    *("说明：本表由学校填写，一式三份，加盖公章后报市教育局职成科", "联系人：马力 0934-8612345"),
    *("注：本表所填数据均真实可靠，如有虚假，愿承担责任", "注：请于2024年12月20日前报送"),
    *(
        "填报说明：1、企业名称须与营业执照一致。2、签订协议填“是”或“否”。",
        "注：已剔除重复人数",
        "注：如有疑问请联系",
    ),
    *("注：不包括上年结转", "注：没有的项目未填", "注：如数据有误请联系"),
)


def below(text: str, *, is_asked: bool):
    def mess(book: Book) -> Truth:
        for sheet in SHEETS:
            book[sheet].append(text)
        return Truth(asked=set(SHEETS) if is_asked else set())

    return mess


CASES = [
    *(Case("noted", t, below(t, is_asked=True), ONE) for t in OTHERS),
    *(Case("noted", t, below(t, is_asked=False), ONE, is_good=True) for t in ORDINARY),
]
