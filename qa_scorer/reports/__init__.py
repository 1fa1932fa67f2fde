"""Results and audits → files for people: HTML pages, workbooks, Markdown. Formats what the models hold and computes nothing."""
