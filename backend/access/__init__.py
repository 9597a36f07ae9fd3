"""Access: people, their roles and keys, signing in and signing, stations. It fills the ledger's gate when it is imported."""

from backend.access import acts as _acts
from backend.access import gate as _gate

_ = (_acts, _gate)
