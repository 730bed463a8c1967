"""One exchange with PostgreSQL in its simple protocol: several statements, one answer, the last one's."""

from typing import Any

from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ConnStatus, ExecStatus


def exchange(connection: Any, text: bytes) -> Any:
    """Send statements and return the last one's result, or raise what psycopg would. `connection` is psycopg's."""
    session = connection.pgconn
    answer = session.exec_(text)
    if session.status == ConnStatus.BAD:  # it went away while nobody looked: that error carries no code
        raise OperationalError(session.get_error_message())
    if answer.status == ExecStatus.FATAL_ERROR:
        raise error_from_result(answer, connection.info.encoding)
    return answer
