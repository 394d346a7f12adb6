"""What is measured about words: surprisal, retellings, objections of LanguageTool."""
