"""Accounts, in every schema: operators and city staff in `public`, members in their own association's schema."""

from controlplane.accounts.code_answers import WrongCode as WrongCode
from controlplane.accounts.login_codes import LoginCode as LoginCode
from controlplane.accounts.login_codes import TooManyCodes as TooManyCodes
from controlplane.accounts.models.changes import ContactChange as ContactChange
from controlplane.accounts.models.changes import TooLate as TooLate
from controlplane.accounts.models.devices import Device as Device
from controlplane.accounts.models.pruning import prune as prune
from controlplane.accounts.models.tokens import TOKEN_LIFE as TOKEN_LIFE
from controlplane.accounts.models.tokens import ApiToken as ApiToken
from controlplane.accounts.models.tokens import token_digest as token_digest
from controlplane.accounts.models.users import User as User
