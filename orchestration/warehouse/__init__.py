"""The build warehouse: dbt entered in one place, and figures as they would be."""
