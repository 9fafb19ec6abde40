"""The forms in which a frozen report is read: PDF for people, JSON for machines, CSV for spreadsheets."""
