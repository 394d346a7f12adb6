"""A night: what the feeds bring becomes stories, and each story that changed is audited again.

`audit.nightly.run` is the flow. Each step is stored before the next begins, so that a night that
was broken off goes on where it stopped when it is started again.
"""
