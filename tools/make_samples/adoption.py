"""The pages of a file of the office in `make_samples.work`: an adoption of 1972, set and aged like the land volumes,
and everybody in it invented. It shows what a de-identified copy is.
"""

from __future__ import annotations

from make_samples.sheet import FAINT, HEIGHT, INK, Sheet
from make_samples.work import MADE

CODE = "Z102-1-003-001"
TITLE = "收养登记申请及调查材料，1972年"
FORM = (
    "申请人：程晚晴，女，1931年4月12日生",
    "配偶：孟长河，男，1929年10月3日生",
    "住址：云江市柳溪公社向阳大队第三生产队12号",
    "电话：柳溪 27",
    "户口簿：柳字第 004218 号",
    "",
    "被收养人：孟小满，女，1972年2月4日生",
    "生父：孟长山，生母：白兰芝",
    "",
    "收养原因：程晚晴与孟长河婚后无子女，愿收养",
    "孟长山之女孟小满，抚养成人。孟长山、白兰芝",
    "同意送养，并放弃父母之权利义务。",
    "",
    "证明人：郭玉舟，柳溪公社向阳大队会计",
    "证明人：邓静娴，柳溪公社卫生院助产士",
)
REPORT = (
    "关于程晚晴申请收养孟小满的调查报告",
    "",
    "一九七二年八月五日至九日，本局派方远帆同志到",
    "柳溪公社调查。程晚晴、孟长河夫妇劳动积极，家有",
    "住房三间，每年分配现金一百八十元左右，有抚养能力。",
    "",
    "孟长山有子女五人，白兰芝产后多病。经与孟长山、",
    "白兰芝本人谈话，二人自愿送养，未受任何人胁迫，",
    "亦未收取财物。邻居邓静娴、郭玉舟所述相同。",
    "",
    "孟小满身体健康，体重六公斤半，由邓静娴接生。",
    "",
    "意见：符合收养条件，拟准予登记，户口由孟长山处",
    "迁入程晚晴处，姓名不变。",
    "",
    "云江市民政局　一九七二年八月十七日",
)
LEFT, TOP, SIZE, LEADING = 110, 150, 29, 52


def pages() -> list[Sheet]:
    """The application and the report."""
    return [_page(1, "收养登记申请书", FORM), _page(2, "附件一", REPORT)]


def statement() -> dict[str, str]:
    """What stands in ``volume.yml``."""
    return {"title": TITLE}


def _page(number: int, head: str, lines: tuple[str, ...]) -> Sheet:
    sheet = Sheet(f"{CODE}/{number}", "zh-Hans")
    sheet.row(head, LEFT, 90, 34, "song-bold")
    for at, line in enumerate(lines):
        sheet.row(line, LEFT, TOP + 40 + LEADING * at, SIZE, "song", INK)
    sheet.seal("云江民政", 620, 930)
    sheet.row(f"{CODE}　{MADE}　{number}", LEFT, HEIGHT - 70, 17, "hei", FAINT)
    return sheet
