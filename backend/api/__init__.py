"""The JSON API: every act and every view that the pages have, generated from the same registry, so it never says more than a page does."""

from fastapi import APIRouter

from backend.api import described, doing, reading

router = APIRouter()
for part in (doing, reading):
    router.include_router(part.router, prefix="/api/v1")
router.include_router(described.router, prefix="/api")
