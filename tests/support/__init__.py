"""What several tests share: subjects, arrays, searches, projects of users. Nothing here is a test."""
