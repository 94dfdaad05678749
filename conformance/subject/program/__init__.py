"""Programs as subjects: the line protocol, and who answers it. See README.md.

`question` says what is asked and answered, `json_form` and `words_form` write and read it, `program`
asks a child process and `answers` a file. `trial.program_events` makes events of the answers, and
`trial.served` answers for a Python subject.
"""
