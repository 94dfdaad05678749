"""Tasks: checks of many subjects, on several processes, that go on after they were ended.

`campaign` is the way in. `schedule` deals the vectors of all subjects to executors, `task` is what
a worker does, and `records` keeps runs in a file.
"""
