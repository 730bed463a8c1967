"""What is typed about an event: planning it, answering, moving one time of it, calling it off, bringing files in."""

from web.tenant.calendar.forms.acts import CancelForm, ImportForm, MoveForm
from web.tenant.calendar.forms.answers import AnsweredFilter, AnswerForm, ProxyForm
from web.tenant.calendar.forms.events import EventForm

__all__ = ["AnswerForm", "AnsweredFilter", "CancelForm", "EventForm", "ImportForm", "MoveForm", "ProxyForm"]
