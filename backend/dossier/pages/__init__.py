"""The pages of the end: the account of a subject, dispositions, the closing, and the record as a document."""

from fastapi import APIRouter

from backend.dossier.pages import ending

router = APIRouter()
router.include_router(ending.router)
