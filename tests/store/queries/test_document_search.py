"""Searching the register: common words with filters and pages, on each database."""

import pytest

from incident.store.queries import document_list
from incident.store.queries.document_list import DocumentFilter, list_documents
from tests.actions.documents.test_documents import BOSS, draft
from tests.world import World


@pytest.mark.parametrize("hits", [(1, 2), (4, 64)])
def test_a_search_finds_all_pages_however_few_hits_are_looked_at_first(
    world: World, monkeypatch: pytest.MonkeyPatch, hits: tuple[int, int]
) -> None:
    monkeypatch.setattr(document_list, "HITS_FOR_EACH", hits)
    incident = world.open()
    ids = [
        draft(world, incident, title=f"关于第{one}起网络安全事件的请示", kind=kind, words={})
        for one in range(8)
        for kind in ("request-for-instructions", *(["circular"] if one in (0, 5) else []))
    ]
    newest = sorted(ids, reverse=True)

    def found(words: str, after: int | None = None, **more: str) -> list[int]:
        wanted = DocumentFilter(words=words, **more)  # type: ignore[arg-type]
        return [one.id for one, _its in list_documents(BOSS, wanted, after, 3)]

    assert found("网络安全事件") == newest[:3]
    assert found("网络安全事件", newest[2]) == newest[3:6]
    assert found("网络安全事件", newest[-2]) == newest[-1:]
    assert len(found("网络安全事件", kind="circular")) == 2
    assert found("网络安全事件", kind="circular", state="void") == []
    assert found("没有这样的") == []
    assert found("！") == []
