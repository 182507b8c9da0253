"""Tests of workflows: ``name.test.yaml`` beside ``name.yaml``, run in memory, with actions that are stood in for."""
