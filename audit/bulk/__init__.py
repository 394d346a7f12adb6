"""Many stories: chunks of them, who audits these, and the parts that a long run keeps."""
