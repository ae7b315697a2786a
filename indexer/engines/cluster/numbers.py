"""The ids of documents on a cluster: a resource's, and a number in the order in which they were written.

So all documents of a resource are known by how many there are, and a bulk that is sent twice writes nothing twice.
"""

from __future__ import annotations

from collections import OrderedDict

from indexer.engines.cluster.bulk import Action

REMEMBERED = 32_768
"""Resources whose documents may still be coming: pieces of volumes come in turns, some hundred at a time."""
_ID, _END = b'"id":"', b'"'


class Numbers:
    """How many documents of each resource were written in this session."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self.has_forgotten = False

    def action(self, document: bytes) -> Action:
        """What writes this document."""
        start = document.index(_ID) + len(_ID)  # quotes within values are escaped
        resource = document[start : document.index(_END, start)]
        number = self._counts.pop(resource, 0)
        self._counts[resource] = number + 1
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
            self.has_forgotten = True
        return Action(resource, b'{"index":{"_id":"%b:%d","routing":"%b"}}' % (resource, number, resource), document)

    def forget(self, resource: bytes) -> int:
        """How many there were; the next one begins anew."""
        return self._counts.pop(resource, 0)
