package negotiation

import "amiable/negotiation/ledger"

// Models are the rows of this package's tables, for the test that compares
// each with the migrated schema.
func Models() []any {
	return []any{
		&Agency{}, &Paper{}, &Creditor{}, &Mandate{}, &Person{}, &ContactPoint{}, &ContactMade{}, &Debtor{}, &Placement{}, &Case{}, &Party{}, &Claim{},
		&Hold{}, &Event{}, &Letter{}, &OpeningLetter{}, &FrozenStatement{}, &Reading{}, &LetterBatch{}, &batchCase{}, &Wish{}, &clockRow{}, &PublishedRate{},
		&policyRow{}, &Offer{}, &Acceptance{}, &Plan{}, &PlanLine{}, &planNotice{}, &Dispute{}, &DisputeStep{}, &StepFile{}, &Message{},
		&MessageFile{}, &MessageRead{}, &MessageTemplate{}, &Situation{}, &SituationFile{}, &BankAccount{}, &WorkItem{}, &Promise{}, &Call{}, &Approval{}, &GivenUp{},
		&ledger.Posting{}, &ledger.Entry{},
	}
}
