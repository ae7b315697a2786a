"""YAML that people write: whatever it holds, what comes back is what it says or one error with a line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mappings import yaml_text

HOSTILE = {
    "a: 2026-13-45": 1,
    "b: 1\na: !!int x": 2,
    "a: !!bool x": 1,
    "a: !!timestamp x": 1,
    "a: " + "1" * 6000: 1,
    "a: 0x" + "f" * 9000: 1,
    "? [a]\n: b": 1,
    "a: !!float x": 1,
    "a: !!int ''": 1,
    "a: !!python/object/apply:os.system [x]": 1,
    "a: &x 1\nb: *x": 2,
    "a: 1\na: 2": 2,
    "a: !!set [1]": 1,
    "a: !!omap [1]": 1,
    "<<: 3": 1,
    "a:\n\tb: 1": 2,
    "[" * 3000: None,
    "a: \x00": None,
}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_mistake_with_its_line(text: str) -> None:
    with pytest.raises((yaml.YAMLError, RecursionError)) as caught:
        yaml_text.content(text)
    assert yaml_text.line(caught.value) == HOSTILE[text]
    assert "\n" not in yaml_text.syntax(caught.value)


def test_what_is_wrong_does_not_quote_what_stands_there() -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        yaml_text.content("password: !!int hunter2")
    assert "hunter2" not in yaml_text.syntax(caught.value)


@given(st.text(alphabet=st.sampled_from("ab:-[]{}!&*#'\"\n 0x1.<>=~?|%@`\t,年"), max_size=60))
@example("=: 1")
def test_any_text_is_read_or_a_yaml_mistake(text: str) -> None:
    try:
        yaml_text.content(text)
    except (yaml.YAMLError, RecursionError) as error:
        assert yaml_text.syntax(error)
