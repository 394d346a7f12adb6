"""The command line and what stands on it: bulk runs, the doctor, the rule pages."""
