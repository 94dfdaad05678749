"""Programs as subjects: the line protocol, and who answers it. See README.md.

`question` says what is asked and answered. `json_lines`, `json_questions` and `json_answers` write
and read it in JSON, `words_form` in words. `program` asks a child process, and `answers` a file;
`adapter` tests whoever answers. `connect` makes subjects of them. The folder `trial/outside/` makes
events of the answers, and answers for a Python subject.
"""
