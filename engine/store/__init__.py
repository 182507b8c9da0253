"""The only place that knows SQL: tables, the ledger, the journal, secrets, the writer and the migrations."""
