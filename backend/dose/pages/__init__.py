"""The pages of doses: routes and orders, preparation."""

from fastapi import APIRouter

from backend.dose.pages import ordering, preparing

router = APIRouter()
for part in (ordering, preparing):
    router.include_router(part.router)
