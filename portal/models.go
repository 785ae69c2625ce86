package portal

// Models are the rows that this package keeps itself, for the test that
// compares each with the migrated schema.
func Models() []any { return []any{&fileRow{}} }
