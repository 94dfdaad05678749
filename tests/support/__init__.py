"""Code that several tests share: subjects, arrays, searches, projects of users. No tests."""
