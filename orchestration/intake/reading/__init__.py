"""What the cells of a workbook say: where a form's columns stand, what was read, what was not."""
