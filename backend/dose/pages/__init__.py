"""The pages of doses: routes and orders, preparation."""

from fastapi import APIRouter

from backend.dose.pages import ordering

router = APIRouter()
for part in (ordering,):
    router.include_router(part.router)
