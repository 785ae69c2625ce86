package payments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/money"
	"amiable/payments/camt"
)

// BankFile is a bank's file as it was read.
type BankFile struct {
	Name    string
	Hash    string
	Message *camt.Message

	// Despite books a file whose own sums leave doubts. Without it such a file
	// is refused: something may be missing in it.
	Despite bool
}

// bankItem is what an entry is filed as: one of its transactions, or the whole.
type bankItem struct {
	BankEntry
	ref       string // the bank's
	statement int    // in the message
}

// bankItems says what of a file can be booked, or refuses the file by name:
// what cannot be booked to the cent, on an account of ours, is not taken in
// part.
func (s *Service) bankItems(ctx context.Context, f BankFile) (items []*bankItem, pending int, err error) {
	accounts, err := s.negotiation.BankAccounts(ctx)
	if err != nil {
		return nil, 0, err
	}
	if len(f.Message.Statements) == 0 {
		return nil, 0, negotiation.Refuse(negotiation.Invalid, "bank_file_empty").On("file")
	}
	for _, st := range f.Message.Statements {
		account := accountNumbered(accounts, st.Account)
		if account == nil {
			return nil, 0, negotiation.Refuse(negotiation.Invalid, "bank_account_unknown").On("file").With("ends", ends(st.Account))
		}
		if len(st.Doubts) > 0 && !f.Despite {
			return nil, 0, negotiation.Refuse(negotiation.Conflict, "bank_sums_"+string(st.Doubts[0].Code)).On("file").With("statement", st.ID)
		}
		for _, e := range st.Entries {
			if !e.Booked() {
				pending++
				continue
			}
			made, err := itemsOf(f.Message, st, e, account)
			if err != nil {
				return nil, 0, err
			}
			items = append(items, made...)
		}
	}
	return items, pending, nil
}

func ends(number string) string { return number[max(0, len(number)-4):] }

// accountNumbered finds an account of ours by what a bank calls it: the IBAN,
// or the national part of it.
func accountNumbered(accounts []negotiation.BankAccount, number string) *negotiation.BankAccount {
	number = plainText(number)
	for i := range accounts {
		if a := &accounts[i]; a.IBAN == number || (len(number) > 8 && a.IBAN[4:] == number) {
			return a
		}
	}
	return nil
}

// itemsOf cuts an entry into what can stand for itself: its transactions, where
// they add up to it. What the bank kept of them is an item of its own.
func itemsOf(m *camt.Message, st *camt.Statement, e *camt.Entry, account *negotiation.BankAccount) ([]*bankItem, error) {
	refuse := func(code string) error {
		return negotiation.Refuse(negotiation.Invalid, code).On("file").With("statement", st.ID).With("entry", e.Number)
	}
	on := negotiation.Day(e.BookedOn)
	if on.IsZero() {
		on = negotiation.Day(e.ValueOn)
	}
	if on.IsZero() {
		return nil, refuse("bank_entry_undated")
	}
	if money.Currency(e.Currency) != account.Currency {
		return nil, refuse("bank_entry_currency")
	}
	whole, ok := e.Amount.Minor(2)
	if !ok {
		return nil, refuse("bank_entry_fraction")
	}
	if whole == 0 {
		return nil, nil
	}
	base := BankEntry{
		AccountID: account.ID, OfAgency: account.OfAgency(), State: BankWaiting, Credit: e.Credit, Returned: e.Reversed(), Amount: whole, EntryAmount: whole,
		Currency: account.Currency, BookedOn: on, ValueOn: negotiation.Day(e.ValueOn), StatementID: st.ID, Code: e.Code,
		InStatement: m.Kind() == camt.Statement053, InNotice: m.Kind() == camt.Notice054, Unstructured: e.Additional,
	}
	if !e.Divides() {
		item := &bankItem{BankEntry: base, ref: e.BankRef, statement: st.Number}
		if len(e.Details) > 1 {
			item.Reason = WaitsBatch
		}
		for _, t := range e.Details {
			item.tell(t)
		}
		return []*bankItem{item.finish()}, nil
	}
	var items []*bankItem
	sum := int64(0)
	for _, t := range e.Details {
		item := &bankItem{BankEntry: base, ref: e.BankRef, statement: st.Number}
		if item.Amount, ok = t.Amount.Minor(2); !ok {
			return nil, refuse("bank_entry_fraction")
		}
		if t.Direction != "" {
			item.Credit = t.Direction == "CRDT"
		}
		if item.Credit == e.Credit {
			sum += item.Amount
		} else {
			sum -= item.Amount
		}
		if t.BankRef != "" {
			item.ref = t.BankRef
		}
		item.tell(t)
		if item.Amount > 0 {
			items = append(items, item.finish())
		}
	}
	if kept := sum - whole; kept != 0 { // the transactions are told before the bank's charges
		item := &bankItem{BankEntry: base, ref: e.BankRef, statement: st.Number}
		item.Credit, item.Amount = (kept > 0) != e.Credit, max(kept, -kept)
		item.State, item.Explanation = BankExplained, ExplainedBankCost
		items = append(items, item.finish())
	}
	return items, nil
}

// tell adds what a transaction says to an item.
func (i *bankItem) tell(t *camt.Transaction) {
	other := t.Debtor
	if !i.Credit || (other.Name == "" && other.IBAN == "") {
		other = t.Creditor
	}
	join := func(into *string, texts ...string) {
		for _, text := range texts {
			if text != "" {
				*into = strings.TrimPrefix(*into+"\n"+text, "\n")
			}
		}
	}
	if i.EndToEndID == "" {
		i.EndToEndID = t.GivenEndToEndID()
	}
	join(&i.Structured, t.Structured...)
	join(&i.Unstructured, t.Unstructured...)
	if len(t.Unstructured) == 0 {
		join(&i.Unstructured, t.Additional)
	}
	if i.PartyName == "" {
		i.PartyName = other.Name
	}
	if i.PartyIBAN == "" {
		if i.PartyIBAN = other.IBAN; i.PartyIBAN == "" {
			i.PartyIBAN = plainText(other.Other)
		}
	}
	if i.UltimateName == "" {
		i.UltimateName = t.UltimateDebtor
	}
	if i.ReturnReason == "" {
		i.ReturnReason = t.ReturnReason
	}
	i.Returned = i.Returned || t.ReturnReason != ""
}

// finish gives an item its fingerprint, and says what needs nobody to say it.
func (i *bankItem) finish() *bankItem {
	if i.Credit && !i.Returned {
		i.PartyIBAN = knownIBAN(i.PartyIBAN)
	}
	if !i.OfAgency && (i.Returned == i.Credit) && i.State == BankWaiting {
		// On a creditor's own account: what goes out, and what comes back of it.
		i.State, i.Explanation = BankExplained, ExplainedNotOurs
	}
	direction := "debit"
	if i.Credit {
		direction = "credit"
	}
	hash := sha256.New()
	for _, part := range []string{
		direction, fmt.Sprint(i.Returned), fmt.Sprint(i.Amount), string(i.Currency), string(i.BookedOn), string(i.Explanation),
		plainText(i.EndToEndID), plainText(i.Structured), plainText(i.Unstructured), plainText(i.PartyName), plainText(i.PartyIBAN), i.ReturnReason,
	} {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	i.Fingerprint = hex.EncodeToString(hash.Sum(nil)[:16])
	i.StatementRef, i.NoticeRef = "", ""
	if i.InStatement {
		i.StatementRef = i.ref
	} else {
		i.NoticeRef = i.ref
	}
	return i
}

func knownIBAN(number string) string {
	if iban, ok := banking.ParseIBAN(number); ok {
		return iban
	}
	return number
}

// plainText is a text as two banks, or one bank on two days, write it alike:
// letters and digits in capitals.
func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, text)
}
