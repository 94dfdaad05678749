"""Process: what this process owes its user whatever a subject does to it.

`supervisor` guarantees an exit status, `signals` turns a request to end into an exception, `pool`
ends worker processes, `files` writes whole files, and `streams` keeps stdout from failing a run.
`floating_point` keeps a subject's flushing of subnormal numbers from the numbers of the judge.
`regular_file` and `strict_json` read the files of strangers.
Nothing here knows what is judged.
"""
