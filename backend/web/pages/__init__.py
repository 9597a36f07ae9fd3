"""The frame's own pages: the doors, and the form that any act has."""

from fastapi import APIRouter

from backend.web.pages import act_form, doors

router = APIRouter()
router.include_router(doors.router)
router.include_router(act_form.router)
