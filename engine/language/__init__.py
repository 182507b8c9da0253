"""The workflow language: YAML 1.2 with positions, expressions, templates and conditions. Pure: no I/O."""
