"""Which articles tell the same story: near-duplicates, and reports of one event (docs/stories.md).

index = StoryIndex.restored(rows)
changes = index.add(articles, lead_vectors(articles, embedder))
store(changes.rows, changes.gone)
"""

from audit.stories.index import Changes, StoryIndex
from audit.stories.lead import lead, lead_vectors
from audit.stories.member import Member

__all__ = ["Changes", "Member", "StoryIndex", "lead", "lead_vectors"]
