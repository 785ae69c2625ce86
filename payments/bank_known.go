package payments

// An entry is filed once, however often a bank tells of it: the same statement
// downloaded again, a week that repeats its days, a notice of what the
// statement will tell. But two payments may say the very same, and both count.
//
// What is certain is the bank's own reference: two entries of one kind of
// message with different references are two. Statements and notices number
// differently, so between them what an entry says decides, one for one.

// claims remembers which stored entries a file has told of already.
type claims struct {
	inFile      map[string]bool
	inStatement map[string]int
	added       map[string]bool // by this very file
}

func newClaims() *claims {
	return &claims{inFile: map[string]bool{}, inStatement: map[string]int{}, added: map[string]bool{}}
}

// take finds the stored entry that an item tells of again, or nil.
func (k *claims) take(item *bankItem, stored []*BankEntry) *BankEntry {
	best, bestRank := (*BankEntry)(nil), 0
	for _, old := range stored {
		if rank := k.rank(item, old); rank > bestRank {
			best, bestRank = old, rank
		}
	}
	if best != nil {
		k.note(item, best.ID)
	}
	return best
}

// add notes that an item was filed.
func (k *claims) add(item *bankItem) {
	k.note(item, item.ID)
	k.added[item.ID] = true
}

func (k *claims) note(item *bankItem, id string) {
	k.inFile[id], k.inStatement[id] = true, item.statement
}

// rank says how surely an item is a stored entry; 0: it is not.
func (k *claims) rank(item *bankItem, old *BankEntry) int {
	if old.AccountID != item.AccountID || old.BookedOn != item.BookedOn || old.Credit != item.Credit || old.EntryAmount != item.EntryAmount ||
		old.Currency != item.Currency || old.ParentID != nil {
		return 0
	}
	oldRef, otherRef, seen := old.StatementRef, old.NoticeRef, old.InStatement
	if item.InNotice {
		oldRef, otherRef, seen = old.NoticeRef, old.StatementRef, old.InNotice
	}
	if old.Amount != item.Amount {
		// One message tells the entry whole, the other in its parts.
		if !k.added[old.ID] && (!seen || k.inFile[old.ID]) && ((item.ref != "" && otherRef == item.ref) || old.bare() || item.bare()) {
			return 1
		}
		return 0
	}
	same := old.Fingerprint == item.Fingerprint
	switch {
	case same && item.ref != "" && oldRef == item.ref:
		// A file may hold the same statement twice; never one entry twice.
		if k.inFile[old.ID] && k.inStatement[old.ID] == item.statement {
			return 0
		}
		return 5
	case k.inFile[old.ID]:
		return 0
	case same && item.ref != "" && otherRef == item.ref:
		return 4
	case same && (!seen || item.ref == "" || oldRef == ""):
		return 3
	case !seen && item.ref != "" && otherRef == item.ref && old.Returned == item.Returned && old.Explanation == item.Explanation:
		return 2 // a notice says more than a statement, or less
	}
	return 0
}

// bare says whether an entry is told without any detail of who paid what for.
func (e *BankEntry) bare() bool {
	return e.EndToEndID == "" && e.Structured == "" && e.PartyName == "" && e.PartyIBAN == ""
}
