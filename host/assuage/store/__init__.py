"""SQLite: what is published is here first, and stays as history. One writer thread, nothing in the event loop waits."""

from __future__ import annotations

from assuage.store.store import Store
from assuage.store.trouble import StoreError
from assuage.store.writer import Record

__all__ = ["Record", "Store", "StoreError"]
