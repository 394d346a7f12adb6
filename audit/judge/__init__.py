"""What trained models make of the evidence: doubt of each word, risk of each sentence."""
