"""The rules of de-identified copies, for texts of the desk: the port `service_desk.knowledge.Personal`."""

from __future__ import annotations


class DeidentifyRules:
    """Rules are loaded when a text is first looked at."""

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """What may be personal data in a text, names of persons among it."""
        from pipelines.deidentify.find import spans_of

        return [(span.start, span.end, span.kind) for span in spans_of([text], with_names=True)[0]]

    def masked(self, text: str) -> str:
        """The text with a word for its kind in place of each, the same person under the same one."""
        from mappings.deidentification import Kind
        from pipelines.deidentify.find import spans_of
        from pipelines.deidentify.pseudonyms import Pseudonyms, script_of

        found = spans_of([text], with_names=True)[0]
        names = Pseudonyms(text[span.start : span.end] for span in found if span.kind == "name")
        script, made, at = script_of(text), [], 0
        for span in found:
            kind: Kind = span.kind
            made += [text[at : span.start], names.of(kind, text[span.start : span.end], script)]
            at = span.end
        return "".join((*made, text[at:]))
