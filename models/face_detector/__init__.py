"""Tiny face detector and 68 landmarks: finds the faces on a photo, and cuts each out upright."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="face_detector", memory_mb=120, licence="MIT")
