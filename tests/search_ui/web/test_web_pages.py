"""From hit to hit: every hit of every page once, and back the same way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search_ui.web.pages import LAST, Pages, _overall

times = st.dictionaries(st.integers(1, 40), st.integers(1, 4), min_size=1, max_size=8)


def opened(counts: dict[int, int], number: int, hit: int) -> Pages:
    """A page of a volume of forty whose pages have so many hits each."""
    return Pages("r", 40, number, {"hits": counts.get(number, 0)}, tuple(sorted(counts)), (), "q", hit)


def led(counts: dict[int, int], spot: tuple[int, int | str]) -> Pages:
    number, hit = spot
    return opened(counts, number, counts[number] if hit == LAST else int(hit))


@given(times)
def test_next_leads_through_every_hit_once_and_round_to_the_first(counts: dict[int, int]) -> None:
    every = [(number, hit) for number in sorted(counts) for hit in range(1, counts[number] + 1)]
    at = opened(counts, *every[0])
    for spot in [*every[1:], every[0]]:
        onward = at.next_hit
        assert onward == spot if len(every) > 1 else onward is None
        if onward is None:
            return
        at = led(counts, onward)


@given(times, st.data())
def test_previous_undoes_next(counts: dict[int, int], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(sorted(counts)))
    at = opened(counts, number, data.draw(st.integers(1, counts[number])))
    if at.next_hit is not None:
        back = led(counts, at.next_hit).previous_hit
        assert back is not None
        came = led(counts, back)
        assert (came.number, came.hit) == (at.number, at.hit)


@given(times, st.integers(1, 40))
def test_from_a_page_without_hits_one_comes_to_those_around_it(counts: dict[int, int], number: int) -> None:
    at = opened(counts, number, 0)
    if number in counts:
        return
    after, before = [n for n in counts if n > number], [n for n in counts if n < number]
    assert at.place == 0
    assert at.next_hit == (min(after or counts), 1)
    assert at.previous_hit == (max(before or counts), LAST)


@given(times)
def test_a_hit_is_counted_through_the_volume(counts: dict[int, int]) -> None:
    items = [{"number": number, "times": count} for number, count in sorted(counts.items())]
    total = sum(counts.values())
    places = [
        _overall(items, number, hit, counts[number])
        for number in sorted(counts)
        for hit in range(1, counts[number] + 1)
    ]
    assert places == [(place, total) for place in range(1, total + 1)]
    assert _overall([*items, {"number": 41, "times": None}], min(counts), 1, 1) is None
