"""What serves several tests: subjects, arrays, searches, projects of users. Nothing here is a test."""
