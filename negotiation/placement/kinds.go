package placement

// debtorKind reads the debtor's quality. Without a word the debtor is treated as
// a consumer.
func debtorKind(s string) (DebtorKind, Code) {
	switch s {
	case "business", "professionnel":
		return Business, ""
	case "consumer", "particulier":
		return Consumer, ""
	case "":
		return Consumer, MissingDebtorKind
	}
	switch fold(s) {
	case "business", "professionnel", "professionnelle", "pro", "professional", "entreprise", "societe", "company", "b2b",
		"btob", "commercant", "firm":
		return Business, ""
	case "consumer", "particulier", "particuliere", "consommateur", "consommatrice", "individual", "private",
		"privateindividual", "b2c", "btoc", "nonprofessionnel":
		return Consumer, ""
	}
	return "", UnknownDebtorKind
}

// documentKind reads the type of a document: a code of UNTDID 1001 or a word.
func documentKind(s string) (kind Kind, known bool) {
	switch fold(s) {
	case "", "380", "386", "326", "389", "invoice", "facture", "fact", "fac", "fa", "in", "claim", "creance":
		return KindClaim, true
	case "381", "396", "261", "creditnote", "creditmemo", "credit", "avoir", "facturedavoir", "factureavoir", "av", "avo",
		"notedecredit", "cn":
		return KindCreditNote, true
	}
	return KindClaim, false
}
