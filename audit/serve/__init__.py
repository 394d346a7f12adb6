"""The local web server: the editor's spot check and the HTTP interface (docs/serve.md)."""
