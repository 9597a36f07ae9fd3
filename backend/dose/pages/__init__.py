"""The pages of doses: routes and orders, preparation."""

from fastapi import APIRouter

from backend.dose.pages import preparing

router = APIRouter()
for part in (preparing,):
    router.include_router(part.router)
