"""What people say in a year: names, questions and answers, in three languages. Everybody is invented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from msgspec import Struct

from onestop.year.lives import Life

T = TypeVar("T")
_FAMILY: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN: Final = ("文彬", "淑芬", "建国", "晓岚", "志远", "玉兰", "思源", "秋月", "立新", "慧敏", "永年", "若琳", "家栋")
_FAMILY_HANT: Final = "趙錢孫李周吳鄭王馮陳"
_GIVEN_HANT: Final = ("文彬", "淑芬", "國雄", "曉嵐", "志遠", "玉蘭", "秋月")
_EN: Final = ("Ada Lovell", "Thomas Hale", "Grace Whitfield", "Peter Ashby", "Ruth Calder", "Owen Marsh", "Nora Finch")
_ASKED: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "zh-Hans": {
        "copy": ("需要全卷的扫描件，用于论文。", "请复制第 1 至 6 页，黑白即可。", "修志用，请提供清晰图像。"),
        "paper_copy": ("请打印一份，邮寄到家里。", "需要一份纸质复制件，上门领取。"),
        "query": (
            "想查父亲 1975 年招工的登记，办理退休要用工龄证明。",
            "查一下我 1988 年的结婚登记，结婚证遗失了。",
            "家中老宅 1951 年的土地证存根，能不能查到？",
            "查母亲 1969 年下乡的名单，地点是柳溪公社。",
        ),
        "certificate": ("补办公证，需要开具结婚登记的查档证明。", "办理退休，请出具参加工作时间的证明。"),
        "consult": ("想到阅览室看原件，下周都可以。", "预约到馆查阅，需要看图纸的原件。"),
        "question": ("请问周六开放吗？", "查询土地档案要带什么材料？", "想研究民国时期的地方教育，从哪些档案入手？"),
        "emergency": ("今天下午开庭，急需这份土地登记。", "抢险要用图纸，请立刻调档。"),
        "complaint": ("电话打了三次都没有人接。", "说好五天答复，过了时间也没有人说明。"),
    },
    "en": {
        "copy": ("A scan of the whole file, for a thesis.", "Pages 1 to 6, please; black and white will do."),
        "paper_copy": ("One copy on paper, sent by post.",),
        "query": (
            "I am looking for the register of my grandparents' marriage in 1948.",
            "Was my father employed at the mill in 1962? It is for his pension.",
        ),
        "certificate": ("A certified statement of a marriage in 1985, for a visa.",),
        "consult": ("I would like to see the originals in the reading room next week.",),
        "question": ("Are you open on Saturdays?", "How do I cite a file of yours?"),
        "emergency": ("The court hearing is today; the land register is needed at once.",),
        "complaint": ("I rang three times and nobody answered.",),
    },
    "zh-Hant": {
        "copy": ("請提供全卷掃描檔，研究使用。",),
        "paper_copy": ("請影印一份，郵寄到府。",),
        "query": ("想查祖父 1935 年的土地登記。",),
        "certificate": ("辦理繼承，需要結婚登記的證明。",),
        "consult": ("想到閱覽室看原件。",),
        "question": ("請問星期六是否開放？",),
        "emergency": ("今天下午開庭，急需這份登記。",),
        "complaint": ("電話打了三次都沒有人接。",),
    },
}
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "zh-Hans": {
        "answer": "已按要求办理，所需内容附后。如有疑问，可在申请页留言。",
        "query": "已查到登记，编号和日期与您所述一致；证明可到窗口领取，也可邮寄。",
        "question": "您好。工作日 9:00 至 17:00 开放；查阅请带身份证件，可先在网上预约。",
        "complaint": "您反映的情况已核实，我们向您致歉；电话值班已调整，并已逐件检查逾期未复的申请。",
        "part": "查到其中一部分，已提供；其余年份的登记未移交本馆，可向区民政局查询。",
        "refusal": "该卷涉及他人隐私，尚未开放。",
        "instead": "本人或持本人委托可以查阅。",
        "not_held": "已查登记册和目录，本馆没有收藏；建议向区档案馆和原单位查询。",
        "asks": "所查内容涉及他人，请补交当事人的同意书。",
        "longer": "涉及的卷数较多，需要逐卷核对，延长办理时间。",
        "found": "已转录，可以提供播放副本。",
        "again": "缺了背面一页，请补一下。",
        "good": "很快，谢谢。",
        "page": "页",
        "elsewhere": "对方馆藏有该件，已随函附复印件。",
        "mistake": "刚才查漏了，已找到，重新办理。",
        "bad": "等得太久，也没有人说明原因。",
    },
    "en": {
        "answer": "Done as you asked; you find it attached. If anything is unclear, write to us on this page.",
        "query": "The entry was found; number and date are as you said. We can send the statement by post.",
        "question": "We are open on working days from 9 to 17. Please bring an identity document.",
        "complaint": "We looked into it and are sorry. Somebody answers the telephone at all hours now.",
        "part": "Some of it was found and is attached; the other years were never handed over to us.",
        "refusal": "The file is about a living person and is not open yet.",
        "instead": "That person, or whoever has their authority, may see it.",
        "not_held": "Registers and finding aids were searched; we do not hold it. The district archives may.",
        "asks": "This concerns somebody else: please send their consent.",
        "longer": "There are many volumes to go through, so it takes longer.",
        "found": "Transferred; a copy that can be played is ready.",
        "again": "The back of one page is missing.",
        "good": "Quick and friendly, thank you.",
        "page": "page",
        "elsewhere": "We hold it; a copy is enclosed.",
        "mistake": "It was overlooked; it is here after all.",
        "bad": "It took too long, and nobody said why.",
    },
    "zh-Hant": {
        "answer": "已依申請辦理，內容附後。",
        "query": "已查得登記，編號與日期相符；證明可至窗口領取。",
        "question": "您好。上班日 9:00 至 17:00 開放，請攜帶身分證明文件。",
        "complaint": "您反映的情形已查明，謹致歉意；電話值班已調整。",
        "part": "查得其中一部分，已提供；其餘未移交本館。",
        "refusal": "該卷涉及他人隱私，尚未開放。",
        "instead": "當事人或持其委託者得閱覽。",
        "not_held": "已查登記簿與目錄，本館未收藏。",
        "asks": "所查內容涉及他人，請補交當事人同意書。",
        "longer": "卷數較多，須逐卷核對，延長辦理時間。",
        "found": "已轉錄，可提供播放用副本。",
        "again": "少了背面一頁，請補。",
        "good": "很快，謝謝。",
        "page": "頁",
        "elsewhere": "對方館藏有該件，已隨函附影本。",
        "mistake": "剛才漏查，已尋獲，重新辦理。",
        "bad": "等太久了。",
    },
}


GONE: Final = "gone"
"""How mailboxes begin that nobody reads any more."""
_GONE_ONE_OF: Final = 200


class Said(Struct, frozen=True):
    """Who asks, how they are reached, and what they write."""

    name: str
    contact: str
    note: str


class Words:
    """Says what goes with a life: the same each time."""

    def of(self, life: Life) -> Said:
        """Who files it, and what they write."""
        mailbox = GONE if life.number % _GONE_ONE_OF == _GONE_ONE_OF - 1 else "reader"
        contact = f"{mailbox}{life.number}@example.org"
        return Said(_name(life), contact, _turn(_ASKED[life.language][life.type], life.number))

    def answer(self, life: Life) -> str:
        """What the house answers."""
        said = _SAID[life.language]
        return said["query"] if life.type == "certificate" else said.get(life.type, said["answer"])

    def rating(self, life: Life, stars: int) -> str:
        """What a reader writes beside the stars; most write nothing."""
        if stars > 2 and life.number % 3:
            return ""
        return _SAID[life.language]["bad" if stars < 3 else "good"]

    def say(self, life: Life, what: str) -> str:
        """A sentence of the house or of the reader: ``part``, ``refusal``, ``instead``, ``not_held``, ``asks``,
        ``longer``, ``found``, ``again``, ``page``, ``elsewhere``, ``mistake``.
        """
        return _SAID[life.language][what]


def _name(life: Life) -> str:
    number = life.number
    if life.language == "en":
        return _turn(_EN, number)
    if life.language == "zh-Hant":
        return _turn(_FAMILY_HANT, number) + _turn(_GIVEN_HANT, number // 3)
    return _turn(_FAMILY, number) + _turn(_GIVEN, number // 3)


def _turn(said: Sequence[T], number: int) -> T:
    return said[number % len(said)]
