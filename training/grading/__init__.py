"""Reads a clip's attributes from its pixels."""

from training.grading.grader import ATTRIBUTES, Grader, Reading, right

__all__ = ["ATTRIBUTES", "Grader", "Reading", "right"]
