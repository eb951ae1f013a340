-- What advice is made of that takes days to learn: how much of CPU, memory and pools was used, which series came, which metrics
-- somebody asked for. A document each, JSON as text, replaced whole.
CREATE TABLE advice_documents (
    name  text NOT NULL PRIMARY KEY,
    value text NOT NULL
);
