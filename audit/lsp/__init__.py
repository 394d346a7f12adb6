"""The language server: findings in the editor, as diagnostics with code actions."""
