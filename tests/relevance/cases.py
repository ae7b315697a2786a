"""Questions with a story: what a reader types, what must come first, and why.

Hits are named by ``SOURCE:SOURCE_ID``, those of `records.csv` by their id alone. A case with `failing` does not hold
today, for that reason; the run says when it begins to.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.relevance.expect import Expectation, absent, among, before, first


@dataclass(frozen=True, slots=True)
class Case:
    """A query (with `years` as the filter from and to), what it must find and why; `failing` is why it does not."""

    text: str
    expect: Expectation
    because: str
    failing: str = ""
    years: tuple[int, int] | None = None


VARIANTS = "words that mean the same are not known to be one"
YEARS = "a year that is said in words does not become a span of years"
MEANT = "said in other words than the record's"

CODES_TYPED = (
    Case("Z013-1-001-005", first("land_files:Z013-1-001-005"), "a code as it is written"),
    Case("z013-1-001-005", first("land_files:Z013-1-001-005"), "a code in small letters"),
    Case("Ｚ０１３－１－００１－００５", first("land_files:Z013-1-001-005"), "a code in full width"),
    Case("Z013 - 1 - 001 - 005", first("land_files:Z013-1-001-005"), "a code with spaces around its hyphens"),
    Case("Z013/1/001/005", first("land_files:Z013-1-001-005"), "a code with slashes"),
    Case("Z013 1 001 005", first("land_files:Z013-1-001-005"), "a code without its hyphens"),
    Case("Z013·1·001·005", first("land_files:Z013-1-001-005"), "a code with the dots of DA/T 13"),
    Case("Z013-1-1-5", first("land_files:Z013-1-001-005"), "a code without leading zeros"),
    Case("z13 1 1 5", first("land_files:Z013-1-001-005"), "a code typed from memory"),
    Case("Z013-1-001", first("land_files:Z013-1-001"), "a file's code: the file before what lies in it"),
    Case("Z013", first("land_files:Z013"), "a fonds code: the fonds before all that is in it"),
    Case("Z034", first("land_files:Z034"), "a fonds code whose fonds has many items"),
    Case("MC 00313", first("ncsu:mc00313.xml"), "a collection's number"),
    Case("mc00313", first("ncsu:mc00313.xml"), "a collection's number without its space"),
    Case("Z013-1-001-999", absent("land_files:Z013-1-001-005"), "a code nobody has is nobody's"),
    Case("MS C 271.III", first("nlm:alphaomegaalpha.xml#aspace_d5765d98e333f83b6278c00e9a81f31f"), "a series' code"),
)

UNITS = (
    Case("Harlan Whitfield Papers", first("W1"), "a fonds before its boxes when its name is typed"),
    Case("harlan whitfield", first("W1"), "a fonds before its boxes when part of its name is typed"),
    Case("whitfield papers", first("W1"), "the same with a word left out"),
    Case("papers of Harlan Whitfield", first("W1"), "the same in another order"),
    Case("Harlan Whitfield Papers box 2", first("W1-2-2"), "a box when a box is asked for"),
    Case("Millbrook County Court Records", first("W2"), "a fonds before its series and files"),
    Case("Millbrook Organ Society", first("W3"), "a fonds whose name is not all of its title"),
    Case("North Carolina Farm Bureau Records", first("ncsu:mc00313.xml"), "a collection of hundreds of components"),
    Case("Farm Bureau Records", first("ncsu:mc00313.xml"), "the same by half of its name"),
    Case("William H. Johnson Papers", first("ncsu:mc00062.xml"), "a collection named after a person"),
    Case("Alpha Omega Alpha Archives", first("nlm:alphaomegaalpha.xml"), "a collection before its series"),
    Case("云江铁路管理局", first("Y1"), "全宗先于盒"),
    Case("雲江鐵路管理局", first("Y1"), "全宗先於盒，繁體輸入"),
    Case("云江铁路", first("Y1"), "只输入全宗名的一半"),
    Case("云江铁路管理局第2盒", first("Y1-2-2"), "问盒得盒"),
    Case("云江县政府", first("Y2"), "简体问繁体全宗名"),
    Case("云江市民政局", first("Y3"), "全宗先于其文件"),
    Case("政府贈予國民黨及附隨組織之土地清冊", first("land_files:Z013"), "全宗全名"),
    Case("政府赠予国民党土地清册", first("land_files:Z013"), "全宗名之大半，简体"),
    Case("中廣公司購置及接管財產一覽表", first("land_files:Z038"), "全宗先於其案卷"),
    Case("沈從文手稿", first("H39"), "全宗先於散頁"),
)

TITLES = (
    Case("minutes", among(2, "W2-1-1", "W2-1-2"), "a title that is the word before titles that hold it"),
    Case("correspondence", before("W1-1", "W1-1-1", "W1-1-2"), "own title before the parent's"),
    Case("whitfield photographs", before("W1-3", "W1-3-2", "W1-3-3"), "a series before files that only hang under it"),
    Case("millbrook court minutes", among(2, "W2-1-1", "W2-1-2"), "words spread over titles of a path"),
    Case("marriage register", first("W2-1-4"), "all words in the title, in order"),
    Case("marriage register", before("W2-1-6", "W2-1-5"), "both words before one"),
    Case("index marriages", first("W2-1-6"), "two words of a longer title"),
    Case("strike", before("W21", "W22"), "a title before the text"),
    Case("strike", before("W1-1-1", "W22"), "a title before the text, in a deep path"),
    Case("coal strike", first("W21"), "both in the title before both in the text"),
    Case("coal miners on strike", first("W21"), "a title in its own words"),
    Case("railway strike", first("W1-1-1"), "a file before its fonds"),
    Case("flood", before("W1-3-1", "W1-3-3"), "photographs of the flood before a mention of it"),
    Case("photographs of the flood", first("W1-3-1"), "a title before another with one of the words"),
    Case("flood relief", first("W1-3-2"), "a title's beginning"),
    Case("会议记录", first("Y1-1-3"), "题名恰为所问"),
    Case("購地卷", first("Y1-1-2"), "题名恰为所问，繁体问简体"),
    Case("粤汉铁路", first("Y1-1-1"), "自己的题名先于上级的题名"),
    Case("铁路购地", first("Y1-1-1"), "两词俱在题名"),
    Case("婚姻登記", first("Y2-1-1"), "題名先於內容"),
    Case("水災", before("Y2-2-3", "Y2-2-5"), "題名先於內容"),
    Case("水災照片", first("Y2-2-3"), "兩詞連寫"),
    Case("堤防", first("Y2-2-4"), "題名中之詞"),
    Case("参军", before("Y3-3", "Y3-4"), "题名先于正文"),
    Case("土地房产所有证", first("H47"), "题名之首"),
    Case("选举工作", first("Y3-5"), "题名中的词"),
    Case(
        "石碇乡",
        before("land_files:Z013-1-001-005", "land_files:Z013-1-001", "land_files:Z013"),
        "题名里的地名，简体问繁体",
    ),
)

SCRIPTS = (
    Case("铁路购地卷", first("Y1-1-1"), "简体"),
    Case("鐵路購地卷", first("Y1-1-1"), "繁體問簡體，同一結果"),
    Case("婚姻登记簿", first("Y2-1-1"), "简体问繁体"),
    Case("台湾风物照片", first("H24"), "台与臺"),
    Case("臺灣", before("H24", "H25"), "臺灣先於台階"),
    Case("群众来信", first("H26"), "羣与群"),
    Case("黃峰詩稿", first("H27"), "峯與峰"),
    Case("南满洲铁道", first("H28"), "日本字形 鉄"),
    Case("沿線圖", first("H28"), "日本字形 図"),
    Case("王后", first("H29"), "王后之后不是後"),
    Case("战后重建", first("H30"), "後与后"),
    Case("頭髮", first("H31"), "髮与发"),
    Case("發展計畫", among(2, "H32", "H30"), "發与发，畫与划"),
    Case('="頭髮"', absent("H31"), "原样检索：简体写法不算"),
    Case("SMALLPOX", among(2, "W41", "W42"), "capitals"),
    Case("ｓｍａｌｌｐｏｘ", among(2, "W41", "W42"), "full width"),
    Case("cafe zurich", first("W13"), "accents left out"),
    Case("café zürich", first("W13"), "accents typed"),
)

FORMS = (
    Case("organ", before("W3-1", "W3-2"), "the exact form before another of its stem"),
    Case("organ", before("W3-3", "W3-2"), "the exact form before another of its stem, at the end of a title"),
    Case("organization", before("W3-2", "W3-1"), "the exact form of the longer word"),
    Case("import", before("W5", "W6"), "import is not important"),
    Case("important", first("W6"), "important is not import"),
    Case("universal", first("W4-5"), "universal before university"),
    Case("university", first("W4"), "university before universal"),
    Case("police", before("W7", "W8"), "police, not policy"),
    Case("policy", before("W8", "W7"), "policy, not police"),
    Case("marine", before("W4-6", "W4-7"), "marine before mariners"),
    Case("lecture", among(1, "W4-1"), "a plural is found by its singular"),
    Case("photograph flood", first("W1-3-1"), "singular for plural"),
    Case("new street", before("W24", "W25"), "New Street is not news of a street"),
    Case("co-operative society", first("W14"), "a hyphenated word as written"),
    Case("co operative society", first("W14"), "a hyphenated word with a space"),
    Case("cooperative society", first("W14"), "a hyphenated word without its hyphen"),
    Case("womens committee", among(3, "W20"), "an apostrophe left out", VARIANTS),
    Case("women's committee minutes", among(2, "W20"), "an apostrophe typed"),
    Case("railw*", among(30, "W1-1-1"), "the beginning of a word"),
    Case("colour paint", first("W28"), "a British spelling"),
    Case("labor", among(3, "W29"), "an American spelling"),
    Case("volume 12", before("W26", "W27"), "a number is a whole number"),
)

ORDER = (
    Case("county court", before("W2", "W2-2-1", "W2-2-2"), "words side by side before words apart"),
    Case("art history", before("W4-1", "W4-2"), "words in this order before the other"),
    Case("station master", before("W4-3", "W4-4"), "words in this order before the other"),
    Case("war board", before("W9", "W10"), "words side by side before words apart"),
    Case("court records county", among(3, "W2"), "any order finds"),
    Case('"art history"', absent("W4-2"), "a phrase is a phrase"),
    Case("great war nurse", first("W34"), "three words of one title"),
    Case("land survey maps", before("W38", "W40"), "the tightest of three titles with the same words"),
    Case("北京大学", before("H9", "H10"), "北京大学 先于 大学…北京"),
    Case("学生会", before("H11", "H12"), "学生会 不是 学生开会"),
    Case("中央银行", before("H13", "H14"), "相连先于颠倒"),
    Case("人民公社", before("H45", "H46"), "相连先于分开"),
    Case("教会医院", before("H50", "H51"), "语序"),
    Case("市政", before("H1", "H2"), "市政 是词，都市政策 里不是"),
    Case("中国", before("H3", "H4"), "中国 是词，发展中国家 里不是", "the dictionary sees 中国 in 发展中国家"),
    Case("研究生", before("H5", "H6"), "研究生 是词，研究生命 里不是"),
    Case("和服", before("H7", "H8"), "和服 是词，产品和服务 里不是"),
    Case("沈從文", before("H39", "H41"), "人名先於顛倒之字"),
    Case("康有為", before("H37", "H38"), "人名先於偶合之字"),
    Case("梁啟超", before("H36", "H38"), "人名先於散字"),
    Case("土地房产", first("H47"), "题名之首"),
)

STOP_WORDS = (
    Case("to be or not to be", first("W11"), "nothing but stop words"),
    Case("the who", before("W12", "W2"), "a name made of stop words"),
    Case("minutes of the war board", first("W9"), "stop words between"),
    Case("the marriage register of the court", before("W2-1-4", "W2-1-5"), "stop words do not count"),
    Case("what happened to the children vaccinated against smallpox?", first("W41"), "a question in English"),
    Case("letters about the railway strike before the war", first("W1-1-1"), "a sentence with a word too many"),
    Case("which families left Bohemia for America, and what did they write home?", first("W31"), "a long question"),
    Case("婚姻的登记", among(3, "Y2-1-1", "Y3-1"), "的 不算"),
    Case("关于水灾的照片", first("Y2-2-3"), "关于…的 不算"),
    Case("有没有参军人员的名册？", first("Y3-3"), "整句问话"),
    Case("请问哪里能查到结婚登记？", first("Y3-1"), "客套话不算"),
)

PEOPLE = (
    Case("Eleanor Marsh", first("W17"), "a person's papers before letters about her"),
    Case("Eleanor Marsh", before("W19", "W18"), "a name before its parts"),
    Case("Marsh, Eleanor", first("W17"), "a name as a catalogue writes it"),
    Case("J. R. Harding", before("W15", "W16"), "initials with points and spaces"),
    Case("J.R. Harding", before("W15", "W16"), "initials with points"),
    Case("JR Harding", before("W15", "W16"), "initials without points"),
    Case("creator:harding", first("W15"), "a creator by field"),
    Case("康有為", first("H37"), "责任者与题名俱是"),
    Case("康有为", before("H37", "H36"), "简体问繁体；其人所作先于致其人之函"),
    Case("梁启超 康有为", first("H36"), "两人俱在"),
    Case("李白", first("tang_poets:c9f24fee-b387-48bb-866a-7f30cdc279a0"), "人先於詩"),
    Case("赠李白", among(2, "tang_poems:2fb56d01-0200-4756-88c3-e8708cc5ca44"), "詩題"),
    Case("魏徵", first("tang_poets:4fd3b250-514a-445c-bbec-fa637b357834"), "人名"),
    Case("魏徵 玄成", first("tang_poets:4fd3b250-514a-445c-bbec-fa637b357834"), "名與字"),
    Case("沈雲卿", among(3, "tang_poets:e3813c1b-e287-4602-ac85-11dc1c4c9633"), "姓與字：沈佺期"),
    Case("牛思黯", among(3, "tang_poets:de627c39-c31e-4b7c-802f-80e543334355"), "姓與字：牛僧孺"),
    Case("思黯", first("tang_poets:de627c39-c31e-4b7c-802f-80e543334355"), "字"),
    Case("段文昌", first("tang_poets:e2aa1c92-a236-489d-8caa-edad96e1c05d"), "人名"),
)

SHORT = (
    Case("祠", first("H15"), "一字：題名短者先"),
    Case("碑", first("H18"), "一字即题名"),
    Case("碑", among(3, "H17"), "一字在词中"),
    Case("堤", first("Y2-2-4"), "一字在詞首"),
    Case("祠堂", first("H16"), "两字"),
    Case("防汛", first("Y2-2-1"), "两字"),
    Case("戶籍", first("Y2-1"), "兩字題名"),
    Case("離婚", first("Y3-2"), "繁體兩字問簡體"),
    Case("侨汇", among(3, "H42"), "略语：侨汇 即 华侨汇款"),
)

NUMBERS = (
    Case("第12号通告", first("H20"), "数字"),
    Case("第12号通告", before("H20", "H22"), "12 不是 112"),
    Case("第十二号通告", first("H21"), "汉字数字，原样者先"),
    Case("第12號通告附件", first("H21"), "数字问汉字"),
    Case("二十三军", first("H23"), "廿三 即 二十三"),
    Case("1953年救济款", first("Y3-6"), "年份在题名"),
    Case("一九五三年选举", first("Y3-5"), "汉字年份，原样"),
    Case("1953年选举", first("Y3-5"), "数字问汉字年份"),
    Case("民國二十年水災", first("Y2-2-2"), "民國紀年，原樣"),
    Case("民国20年水灾救济", first("Y2-2-2"), "民國紀年，數字"),
    Case("光緒三十一年", among(2, "H34"), "年號，原樣"),
    Case("1905年田契", first("H34"), "公元問年號"),
    Case("1909年户部", first("H35"), "公元问年号"),
    Case("flood 1927", first("W1-3-1"), "a year beside a word"),
    Case("land survey 1903", first("W39"), "a year beside words"),
    Case("minutes 1876", first("W2-1-2"), "a year tells two of one name apart"),
    Case("war papers 1916", first("W10"), "a year of an item"),
)

SPANS = (
    Case("flood", first("W1-3-1"), "a tight span before a wide one", years=(1927, 1927)),
    Case("land survey of millbrook", first("W39"), "a tight span before a wide one", years=(1900, 1905)),
    Case("millbrook", before("W39", "W38"), "a tight span before a wide one", years=(1900, 1905)),
    Case("marriage", before("W2-1-5", "W2-1-6"), "one year before a century", years=(1903, 1903)),
    Case("smallpox", among(2, "W41", "W42"), "a tight date of a text beside a title", years=(1871, 1871)),
    Case("水災", before("Y2-2-1", "Y2-2-5"), "一年先於二十年", years=(1931, 1931)),
    Case("婚姻", before("Y3-1", "Y3-2"), "一年先于八年", years=(1953, 1953)),
    Case("购地卷", first("Y1-1-2"), "题名恰为所问，先于年份更近者", years=(1905, 1905)),
    Case("land survey", absent("W40"), "years outside are not found", years=(1900, 1905)),
    Case("letters before 1911 about emigration", among(5, "W31"), "years in words"),
    Case("1950年代的婚姻登记", among(2, "Y3-1", "Y3-2"), "年代成为起止年", YEARS),
)

PAGES = (
    Case("竹子門段", among(10, "land_files:Z013-1-010-003"), "字在頁上", "頁上之字未必在前"),
    Case("示範排印件", among(40, "land_files:Z013-1-001-005"), "只在頁上的字也找得到"),
    Case("石碇小段29號", first("land_files:Z013-1-001-005"), "頁與題名俱有"),
    Case("石碇小段 民眾服務分社", among(3, "land_files:Z013-1-001-005"), "頁與描述合起來才全"),
    Case("farm bureau typescript", among(3, "ncsu:mc00313.xml"), "words on the page and in the title"),
)

MEANING = (
    Case("Beijing legation", first("W30"), "a place by its name in the title"),
    Case("Peking", first("W30"), "an old name of the place"),
    Case("北京", among(30, "H33"), "北平即北京"),
    Case("城郊地图", first("H33"), "简体问繁体"),
    Case("left for america", among(2, "W31", "W32"), "what the text tells"),
    Case("field hospital", first("W34"), "two words of the text, side by side"),
    Case("water rights of the mill", first("W37"), "a sentence out of the text"),
    Case("南洋 寄钱", among(3, "H42"), "正文里的话"),
    Case("上山下乡", first("H43"), "四字成语"),
    Case("知青", among(2, "H43"), "略语：知青"),
    Case("大炼钢铁", first("H44"), "题名之首"),
    Case("土改", first("H49"), "略语原样"),
    Case("房产证", among(3, "H47"), "口语问正名"),
    Case("房租", among(3, "H48"), "口语问正文"),
)

LAY_WORDS = (
    Case("档案多少年以后可以公开查看？", among(2, "L1"), "开放期限"),
    Case("我想看没有开放的档案怎么办？", among(2, "L2"), "利用手续"),
    Case("把档案弄丢了要负什么责任？", among(2, "L3"), "丢失的责任"),
    Case("单位不肯交档案行吗？", among(3, "L4"), "归档义务"),
    Case("可以把档案带到国外吗？", among(3, "L5"), "出境", MEANT),
    Case("家里的老档案可以捐给档案馆吗？", first("L6"), "个人所有"),
    Case("扫描件有没有法律效力？", first("L7"), "电子档案的效力"),
    Case("申請看檔案幾天內會回覆？", among(3, "L9"), "准駁期限"),
    Case("影印檔案要錢嗎？", among(3, "L11"), "收費", MEANT),
    Case("檔案放久了可以直接丟掉嗎？", among(3, "L12"), "銷毀", MEANT),
)

CASES = (
    *CODES_TYPED,
    *UNITS,
    *TITLES,
    *SCRIPTS,
    *FORMS,
    *ORDER,
    *STOP_WORDS,
    *PEOPLE,
    *SHORT,
    *NUMBERS,
    *SPANS,
    *PAGES,
    *MEANING,
    *LAY_WORDS,
)
