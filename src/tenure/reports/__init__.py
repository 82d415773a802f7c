"""What leaves Tenure for people: charts of results, and the files they are drawn into."""
