"""The records that every stage takes and returns, frozen.

Offsets (`start`, `end`) count Unicode code points of the version's untouched text, so
`version.text[start:end]` is the quoted span, always.
"""

from audit.model.alignment import CellMatch, Degree, Nearness, OtherCell, Row, Witnesses, indices
from audit.model.annotation import (
    Annotation,
    Bound,
    Kind,
    LoneMark,
    Mention,
    Quantity,
    Quotation,
    Quotes,
    VerbGroup,
    Word,
)
from audit.model.article import Article
from audit.model.category import CATEGORIES, PENALTY, SEVERITIES, Category, Severity
from audit.model.evidence import (
    Alternative,
    Confusion,
    Doubt,
    Edit,
    Expected,
    GrammarMatch,
    Meant,
    Retelling,
)
from audit.model.figure import Figure, FigureName, PublicFigures
from audit.model.finding import DENIED, DOUBT, EDIT, MISREAD, SECOND_READER, Finding, Measure
from audit.model.ignore import Ignore
from audit.model.kept import Kept
from audit.model.language import Language, Neighbour
from audit.model.repair import Repair, Repaired
from audit.model.result import (
    AuditResult,
    Consensus,
    Descent,
    FamilyTree,
    Profile,
    Score,
    SentenceRisk,
    SharedFault,
    Skipped,
    VersionResult,
    by_importance,
)
from audit.model.second_reading import Ask, Remark, Scope, SecondReading
from audit.model.story import UNKNOWN_RATE, CellId, Story
from audit.model.suppression import Suppressed, Suppression, faults_of, one_line
from audit.model.text import (
    Place,
    Reading,
    Residue,
    Sentence,
    SentenceKind,
    Token,
    Version,
    span_at,
    touched,
)

__all__ = [
    "CATEGORIES",
    "DENIED",
    "DOUBT",
    "EDIT",
    "MISREAD",
    "PENALTY",
    "SECOND_READER",
    "SEVERITIES",
    "UNKNOWN_RATE",
    "Alternative",
    "Annotation",
    "Article",
    "Ask",
    "AuditResult",
    "Bound",
    "Category",
    "CellId",
    "CellMatch",
    "Confusion",
    "Consensus",
    "Degree",
    "Descent",
    "Doubt",
    "Edit",
    "Expected",
    "FamilyTree",
    "Figure",
    "FigureName",
    "Finding",
    "GrammarMatch",
    "Ignore",
    "Kept",
    "Kind",
    "Language",
    "LoneMark",
    "Meant",
    "Measure",
    "Mention",
    "Nearness",
    "Neighbour",
    "OtherCell",
    "Place",
    "Profile",
    "PublicFigures",
    "Quantity",
    "Quotation",
    "Quotes",
    "Reading",
    "Remark",
    "Repair",
    "Repaired",
    "Residue",
    "Retelling",
    "Row",
    "Scope",
    "Score",
    "SecondReading",
    "Sentence",
    "SentenceKind",
    "SentenceRisk",
    "Severity",
    "SharedFault",
    "Skipped",
    "Story",
    "Suppressed",
    "Suppression",
    "Token",
    "VerbGroup",
    "Version",
    "VersionResult",
    "Witnesses",
    "Word",
    "by_importance",
    "faults_of",
    "indices",
    "one_line",
    "span_at",
    "touched",
]
