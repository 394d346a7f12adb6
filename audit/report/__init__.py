"""One renderer per format, each over one AuditResult."""
