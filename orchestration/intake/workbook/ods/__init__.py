"""An OpenDocument spreadsheet, as a person sees it."""
