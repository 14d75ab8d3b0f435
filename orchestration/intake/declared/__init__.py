"""What is said beside the workbooks: cities, rosters, deadlines, schools left out."""
