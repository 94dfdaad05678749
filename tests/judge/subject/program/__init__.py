"""The line protocol: messages, programs, and files of answers."""
