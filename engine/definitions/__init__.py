"""What people and vendors have written down: connectors, workflows, schemas. Pure; only ``catalog`` reads files."""
