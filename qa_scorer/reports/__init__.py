"""Results become files for people: HTML, XLSX, terminal. No arithmetic here."""
