"""What all tables belong to: each has its indexes in the order in which they are written, that of the migrations.

SQLAlchemy's own set of them has an order by chance, and which of two indexes that serve as well SQLite takes can depend
on which was made first: https://www.sqlite.org/queryplanner-ng.html
"""

from sqlalchemy import Index, MetaData, Table, event
from sqlalchemy.util import OrderedSet

metadata = MetaData()


@event.listens_for(Index, "before_parent_attach")
def _keep_order(_: Index, table: Table) -> None:
    if not isinstance(table.indexes, OrderedSet):
        table.indexes = OrderedSet(table.indexes)
