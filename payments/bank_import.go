package payments

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
)

// filedAtOnce bounds how many entries one transaction files.
const filedAtOnce = 100

// KeepBankFile notes a bank's file that was read and is not booked yet, so that
// it can be looked at first.
func (s *Service) KeepBankFile(ctx context.Context, by negotiation.Actor, f BankFile) (*BankImport, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	kept := newImport(by, f)
	return kept, s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, _ *negotiation.Agency) error {
		kept.CreatedAt = t.Now
		return t.Insert(kept)
	})
}

func newImport(by negotiation.Actor, f BankFile) *BankImport {
	var doubts []string
	for _, st := range f.Message.Statements {
		for _, d := range st.Doubts {
			if !slices.Contains(doubts, string(d.Code)) {
				doubts = append(doubts, string(d.Code))
			}
		}
	}
	return &BankImport{
		ID: newID(), FileName: f.Name, FileHash: f.Hash, Message: f.Message.Name, State: importRead, Statements: int64(len(f.Message.Statements)),
		Doubts: strings.Join(doubts, "\n"), ByID: by.ID, ByName: by.Name,
	}
}

// BookBankFile files what a bank's file tells and matches it. kept is what
// KeepBankFile noted, or nil. A file that was booked before, and whatever of a
// file is known already, adds nothing.
func (s *Service) BookBankFile(ctx context.Context, by negotiation.Actor, kept *BankImport, f BankFile) (*BankImport, error) {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	items, pending, err := s.bankItems(ctx, f)
	if err != nil {
		return nil, err
	}
	fresh := kept == nil
	if fresh {
		kept = newImport(by, f)
	}
	err = s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		if !fresh {
			var now BankImport
			if err := t.Where("id = ?", kept.ID).Take(&now).Error; err != nil {
				return fmt.Errorf("bank file %s: %w", kept.ID, err)
			}
			if *kept = now; kept.Booked() {
				return nil
			}
		}
		kept.State, kept.BookedAt, kept.Entries, kept.Pending = importBooked, &t.Now, int64(len(items)), int64(pending)
		if fresh {
			kept.CreatedAt = t.Now
			if err := t.Insert(kept); err != nil {
				return err
			}
		} else if err := t.Update(kept, "State", "BookedAt", "Entries", "Pending"); err != nil {
			return err
		}
		return a.Event(t, by, negotiation.BankFileBooked, map[string]any{"import": kept.ID, "file_hash": kept.FileHash, "message": kept.Message, "entries": kept.Entries})
	})
	if err != nil {
		return nil, err
	}
	told := newClaims()
	for chunk := range slices.Chunk(items, filedAtOnce) {
		if err := s.fileEntries(ctx, kept, chunk, told); err != nil {
			return nil, err
		}
	}
	for { // what is left undone by a crash, the job does
		done, err := s.MatchBank(ctx, filedAtOnce)
		if err != nil {
			return nil, err
		}
		if done == 0 {
			break
		}
	}
	return s.BankImport(ctx, by, kept.ID)
}

// fileEntries files what is new of some items, under the agency's lock.
func (s *Service) fileEntries(ctx context.Context, kept *BankImport, items []*bankItem, told *claims) error {
	return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		stored, err := storedEntries(t, items)
		if err != nil {
			return err
		}
		added, known := 0, 0
		for _, item := range items {
			if old := told.take(item, stored); old != nil {
				known++
				if err := seenAgain(t, old, item); err != nil {
					return err
				}
				continue
			}
			e := &item.BankEntry
			e.ID, e.ImportID, e.CreatedAt, e.Twin = newID(), kept.ID, t.Now, 1
			for _, old := range stored {
				if old.AccountID == e.AccountID && old.Fingerprint == e.Fingerprint {
					e.Twin = max(e.Twin, old.Twin+1)
				}
			}
			if e.State == BankExplained {
				e.DecidedAt = &t.Now
			}
			if err := t.Insert(e); err != nil {
				return err
			}
			if err := e.post(t, a); err != nil {
				return err
			}
			told.add(item)
			stored = append(stored, e)
			added++
		}
		return t.Model(&BankImport{}).Where("id = ?", kept.ID).
			Updates(map[string]any{"added": gorm.Expr("added + ?", added), "known": gorm.Expr("known + ?", known)}).Error
	})
}

// storedEntries reads what is filed of the days that items are of.
func storedEntries(t *negotiation.Tx, items []*bankItem) ([]*BankEntry, error) {
	days, accounts := map[negotiation.Day]bool{}, map[string]bool{}
	for _, item := range items {
		days[item.BookedOn], accounts[item.AccountID] = true, true
	}
	var stored []*BankEntry
	err := t.Where("account_id IN ? AND booked_on IN ?", slices.Collect(maps.Keys(accounts)), slices.Collect(maps.Keys(days))).Order("created_at, id").Find(&stored).Error
	if err != nil {
		return nil, fmt.Errorf("bank entries on file: %w", err)
	}
	return stored, nil
}

// seenAgain notes in which messages an entry was told, and under which
// reference.
func seenAgain(t *negotiation.Tx, old *BankEntry, item *bankItem) error {
	before := *old
	old.InStatement, old.InNotice = old.InStatement || item.InStatement, old.InNotice || item.InNotice
	if old.StatementRef == "" {
		old.StatementRef = item.StatementRef
	}
	if old.NoticeRef == "" {
		old.NoticeRef = item.NoticeRef
	}
	if before == *old {
		return nil
	}
	return t.Update(old, "InStatement", "InNotice", "StatementRef", "NoticeRef")
}

// one lets the ledger write in a transaction.
func one(t *negotiation.Tx) ledger.Insert { return func(row any) error { return t.Insert(row) } }

// post books what moved on the agency's account, to suspense until it is known
// what it is. Whose it is nobody knows yet: it stands with the agency.
func (e *BankEntry) post(t *negotiation.Tx, a *negotiation.Agency) error {
	if !e.OfAgency {
		return nil
	}
	sum := e.Sum()
	if !e.Credit {
		sum = sum.Neg()
	}
	p := ledger.New(ledger.KindBank, e.source(), a.ID, "", e.BookedOn, t.Now)
	p.Add(ledger.Bank, sum).Add(ledger.Suspense, sum.Neg())
	if err := ledger.Post(one(t), p); err != nil {
		return err
	}
	if e.State == BankExplained {
		return e.postExplanation(t, a.ID, explained[e.Explanation])
	}
	return nil
}
