package payments

// Models are the rows of this package's tables, for the test that compares
// each with the migrated schema.
func Models() []any {
	return []any{&Account{}, &Payment{}, &Receipt{}, &notification{}, &Authority{}, &customer{}, &attempt{}, &Refund{}, &Chargeback{}, &transit{}, &sweep{},
		&Payout{}, &draft{}, &PayoutRow{}, &Remittance{}, &RemittanceLine{}, &FeeInvoice{}, &FeeLine{}, &series{}, &BankImport{}, &BankEntry{}, &TransferAccount{}, &MonthTotal{}}
}
