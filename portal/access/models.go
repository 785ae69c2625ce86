package access

// Models are the rows of this package's tables, for the test that compares
// each with the migrated schema.
func Models() []any {
	return []any{&Link{}, &PayLink{}, &linkCode{}, &letterCode{}, &User{}, &Delegation{}, &userToken{}, &recoveryCode{}, &sessionRow{}, &parkedForm{}, &DraftFile{}, &accessRequest{}, &rateCounter{}}
}
