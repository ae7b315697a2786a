"""Words of dates in the languages catalogues are written in: months, seasons, numbers, parts of centuries and decades.

All without accents and in lower case (`mappings.text.fold`).
"""

from __future__ import annotations

_MONTHS = (
    # English and its abbreviations; French; German; Spanish; Italian; Portuguese; Dutch; Latin; Welsh
    "january jan janr janvier janv januar jaenner janner enero ene gennaio genn gen janeiro januari "
    "januarius januarii ianuarius ianuarii ionawr",
    "february feb febr febry fevrier fev fevr februar febrero febbraio febbr fevereiro februari "
    "februarius februarii chwefror",
    "march mar mars marz maerz mrz marzo março marco maart mrt martius martii mawrth",
    "april apr avril avr avl abril abr aprile aprilis aprilius ebrill",
    "may mai mayo maggio magg mag maio mei maius maii",
    "june jun juin juni junio giugno giu junho junius junii iunius iunii mehefin",
    "july jul juillet juil juli julio luglio lug julho julius julii iulius iulii gorffennaf",
    "august aug aout agosto ago augustus augusti awst",
    "september sep sept septembre septiembre setiembre settembre sett set setembro septembris medi",
    "october oct octobre octubre ottobre ott outubro out oktober okt octobris hydref",
    "november nov novembre noviembre novembro novembris tachwedd",
    "december dec decembre dezember dez diciembre dic dicembre dezembro decembris rhagfyr",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}

_SEASONS = (
    ((3, 5), "spring printemps fruhling fruhjahr primavera lente voorjaar"),
    ((6, 8), "summer ete sommer verano estate verao zomer"),
    ((9, 11), "autumn fall automne herbst otono autunno outono herfst najaar"),
    ((12, 2), "winter hiver invierno inverno"),
    ((9, 12), "michaelmas"),
    ((1, 3), "hilary lent"),
    ((4, 6), "trinity"),
)
SEASONS = {word: span for span, words in _SEASONS for word in words.split()}
"""First and last month; winter goes over into the next year."""
EDTF_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 2)}

ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
            "twentieth", "twenty-first",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
PARTS = {
    **dict.fromkeys(("early", "beginning of the", "start of the", "debut du", "anfang"), (0, 39)),
    **dict.fromkeys(("mid", "middle", "middle of the", "milieu du", "mitte"), (30, 69)),
    **dict.fromkeys(("late", "end of the", "fin du", "ende"), (60, 99)),
    **dict.fromkeys(("first half of the", "1st half of the"), (0, 49)),
    **dict.fromkeys(("second half of the", "2nd half of the", "latter half of the", "last half of the"), (50, 99)),
    **dict.fromkeys(("first quarter of the", "1st quarter of the"), (0, 24)),
    **dict.fromkeys(("second quarter of the", "2nd quarter of the"), (25, 49)),
    **dict.fromkeys(("third quarter of the", "3rd quarter of the"), (50, 74)),
    **dict.fromkeys(("last quarter of the", "fourth quarter of the", "4th quarter of the"), (75, 99)),
    **dict.fromkeys(("turn of the",), (-10, 9)),
}
"""First and last year of a part of a century, counted from its first."""

REPUBLICAN_MONTHS = {
    word: number
    for number, word in enumerate(
        ("vendemiaire", "brumaire", "frimaire", "nivose", "pluviose", "ventose", "germinal", "floreal", "prairial",
         "messidor", "thermidor", "fructidor"),
        1,
    )
}  # fmt: skip
"""Months of thirty days of the French republican calendar."""
