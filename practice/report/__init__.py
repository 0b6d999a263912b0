"""The report on an attempt: what happened, as one document that is written as Markdown or as a page of HTML."""
