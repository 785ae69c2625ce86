package payments

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/money"
)

const (
	triedAgainAfter = 24 * time.Hour // what waits is tried again: its case may have come since
	invoiceTextMax  = 2_000          // bytes of text that are searched for the number of an invoice
	invoiceKeyMin   = 4              // a shorter number names too many
	invoiceTriesMax = 400
)

// MatchBank matches what is filed and was not tried yet, or not lately, at most
// limit entries. It returns how many were tried; what waits on is tried again
// another day. One that cannot be tried does not keep the others from their turn.
func (s *Service) MatchBank(ctx context.Context, limit int) (done int, err error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Read(ctx).Model(&BankEntry{}).Where("state = ? AND (tried_at IS NULL OR tried_at < ?)", BankWaiting, now.Add(-triedAgainAfter)).
		Order("tried_at IS NOT NULL, credit DESC, booked_on, created_at, id").Limit(limit).Pluck("id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("bank entries to match: %w", err)
	}
	var problems error
	for _, id := range ids {
		if err := s.matchEntry(ctx, id); err != nil {
			problems = errors.Join(problems, fmt.Errorf("bank entry %s: %w", id, err))
			continue
		}
		done++
	}
	return done, problems
}

// matchEntry decides on one entry that waits, or notes why it waits.
func (s *Service) matchEntry(ctx context.Context, id string) error {
	e, err := s.bankEntry(ctx, id)
	if err != nil || e.State != BankWaiting {
		return err
	}
	if e.Reason == WaitsTakenBack { // a person took it off a case: a person says where it belongs
		return s.waits(ctx, e, WaitsTakenBack)
	}
	switch {
	case e.Returned && !e.Credit:
		return s.matchReturn(ctx, e)
	case e.Returned:
		return s.waits(ctx, e, WaitsMoneyBack)
	case !e.Credit:
		return s.waits(ctx, e, WaitsDebit)
	}
	guess, err := s.guess(ctx, e)
	if err != nil {
		return err
	}
	if guess.caseID == "" {
		return s.waits(ctx, e, guess.reason)
	}
	err = s.bookTransfer(ctx, negotiation.System, e.ID, guess.caseID, guess.by)
	if r := negotiation.AsRefusal(err); r != nil {
		switch r.Code {
		case "bank_entry_decided":
			return nil
		case "bank_entry_recorded":
			return s.waits(ctx, e, WaitsRecorded)
		case "bank_entry_later":
			return s.waits(ctx, e, WaitsBookedLater)
		case "bank_entry_other_currency":
			return s.waits(ctx, e, WaitsOtherCurrency)
		}
	}
	return err
}

// waits notes that an entry was tried, and why it waits.
func (s *Service) waits(ctx context.Context, e *BankEntry, reason string) error {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return tx.Model(&BankEntry{}).Where("id = ? AND state = ?", e.ID, BankWaiting).Updates(map[string]any{"tried_at": now, "reason": reason}).Error
	})
}

// guess is which case an entry pays and what told it, or why none is known.
type guess struct{ caseID, by, reason string }

// paidCase is what matching needs of a case.
type paidCase struct {
	ID, CreditorID, Reference string
}

func (s *Service) guess(ctx context.Context, e *BankEntry) (guess, error) {
	account, err := s.bankAccount(ctx, e.AccountID)
	if err != nil {
		return guess{}, err
	}
	if e.Reason == WaitsBatch {
		return guess{reason: WaitsBatch}, nil
	}
	found := readReferences(e)
	cases, err := s.casesReferred(ctx, found.cases())
	if err != nil {
		return guess{}, err
	}
	g := guess{reason: WaitsNoReference}
	switch {
	case found.wrong:
		g.reason = WaitsWrong
	case len(found.refs) > 0 && len(cases) == 0:
		g.reason = WaitsUnknown
	}
	ours := slices.DeleteFunc(slices.Clone(cases), func(c paidCase) bool { return !takes(account, c.CreditorID) })
	switch {
	case len(ours) == 1:
		return guess{caseID: ours[0].ID, by: found.refs[ours[0].Reference]}, nil
	case len(ours) > 1:
		return guess{reason: WaitsSeveral}, nil
	case len(cases) > 0:
		return guess{reason: WaitsOtherAccount}, nil
	}
	if cases, err = s.casesOfInvoices(ctx, account, e); err != nil {
		return guess{}, err
	}
	switch len(cases) {
	case 1:
		return guess{caseID: cases[0].ID, by: ToldByInvoice}, nil
	case 0:
	default:
		return guess{reason: WaitsSeveral}, nil
	}
	caseID, err := s.caseOfPayer(ctx, e)
	if err != nil || caseID == "" {
		return g, err
	}
	return guess{caseID: caseID, by: ToldBySum}, nil
}

// takes says whether money for a creditor comes to an account.
func takes(account *negotiation.BankAccount, creditorID string) bool {
	return account.OfAgency() || *account.CreditorID == creditorID
}

// references are those of cases that an entry names, and where.
type references struct {
	refs  map[string]string // the case's reference → what told it
	wrong bool              // one is in form, and its check digits are wrong
}

func (r references) cases() []string { return slices.Collect(maps.Keys(r.refs)) }

var (
	creditorReference = regexp.MustCompile(`RF\d{2}[A-Z0-9]{1,21}`)
	ourReference      = regexp.MustCompile(`AM[34679ACDEFGHJKMNPQRTUVWXY]{9}`)
	spaced            = regexp.MustCompile(`(?i)\b(?:RF\s?\d{2}|AM)(?:[\s\x{00a0}-]?[A-Z0-9]{1,4}){2,6}\b`)
)

// readReferences finds the references of an entry, the surest place first: what
// stands in the field for it, then the payer's own reference, then the text.
func readReferences(e *BankEntry) references {
	found := references{refs: map[string]string{}}
	note := func(text, by string, alone bool) {
		body, ok := banking.ParseReference(text)
		if !ok {
			body = text
			if strings.HasPrefix(plainText(text), "RF") && alone {
				found.wrong = found.wrong || creditorReference.MatchString(plainText(text))
			}
		}
		if reference, ok := negotiation.ParseCaseReference(body); ok {
			if _, known := found.refs[reference]; !known {
				found.refs[reference] = by
			}
		} else if alone && ourReference.MatchString(plainText(body)) && len(plainText(body)) == len("AM")+9 {
			found.wrong = true
		}
	}
	for line := range strings.SplitSeq(e.Structured, "\n") {
		note(line, ToldByReference, true)
	}
	note(e.EndToEndID, ToldByEndToEnd, true)
	for _, text := range []string{e.Unstructured, e.Structured, e.EndToEndID} {
		by := ToldByReference
		if text == e.EndToEndID {
			by = ToldByEndToEnd
		}
		upper := strings.ToUpper(text)
		for _, match := range spaced.FindAllString(upper, -1) {
			// What stands behind a reference may look like its end: each length is tried.
			plain := plainText(match)
			for n := len(plain); n >= len("AM")+9; n-- {
				note(plain[:n], by, n == len(plain))
			}
		}
		plain := plainText(text) // groups that run on over lines, or into words
		for _, pattern := range []*regexp.Regexp{ourReference, creditorReference} {
			for _, match := range pattern.FindAllString(plain, -1) {
				note(match, by, false)
				if len(match) > 15 && strings.HasPrefix(match, "RF") {
					note(match[:15], by, false)
				}
			}
		}
	}
	if len(found.refs) > 0 {
		found.wrong = false
	}
	return found
}

func (s *Service) casesReferred(ctx context.Context, refs []string) ([]paidCase, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	var cases []paidCase
	err := s.db.Read(ctx).Table("cases").Select("id, creditor_id, reference").Where("reference IN ?", refs).Limit(10).Scan(&cases).Error
	if err != nil {
		return nil, fmt.Errorf("cases by reference: %w", err)
	}
	return cases, nil
}

// words are what an invoice's number may be made of.
var words = regexp.MustCompile(`[\p{L}\p{N}]+(?:[-/_.][\p{L}\p{N}]+)*`)

// casesOfInvoices finds the cases whose invoices an entry names.
func (s *Service) casesOfInvoices(ctx context.Context, account *negotiation.BankAccount, e *BankEntry) ([]paidCase, error) {
	said := e.Says()
	for _, text := range e.Says() {
		if body, ok := banking.ParseReference(text); ok {
			said = append(said, body)
		}
	}
	keys := invoiceKeys(strings.Join(said, "\n"))
	if len(keys) == 0 {
		return nil, nil
	}
	query := s.db.Read(ctx).Table("claims").Select("DISTINCT cases.id, cases.creditor_id, cases.reference").
		Joins("JOIN cases ON cases.id = claims.case_id").Where("claims.invoice_key IN ?", keys)
	if !account.OfAgency() {
		query = query.Where("claims.creditor_id = ?", *account.CreditorID)
	}
	var cases []paidCase
	if err := query.Limit(10).Scan(&cases).Error; err != nil {
		return nil, fmt.Errorf("cases by invoice: %w", err)
	}
	return cases, nil
}

// invoiceKeys are the numbers of invoices that a text may name: its words with
// a figure in them, alone and drawn together with those beside them, as people
// part them ("FAC 2026 118") and banks join them ("FAC2026118").
func invoiceKeys(text string) []string {
	if len(text) > invoiceTextMax {
		text = text[:invoiceTextMax]
	}
	var keys []string
	add := func(key string) {
		if len(key) >= invoiceKeyMin && len(key) <= 40 && strings.ContainsAny(key, "0123456789") && len(keys) < invoiceTriesMax && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	found := words.FindAllString(strings.ToUpper(text), -1)
	for i := range found {
		for n := 1; n <= 4 && i+n <= len(found); n++ {
			run := found[i : i+n]
			for _, by := range []string{"", "-", "/", "_", "."} {
				add(strings.Join(run, by))
			}
			if n == 1 {
				parts := strings.FieldsFunc(run[0], func(r rune) bool { return strings.ContainsRune("-/_.", r) })
				for _, by := range []string{"", "-", "/"} {
					add(strings.Join(parts, by))
				}
				for _, parted := range partings(run[0]) {
					add(parted)
				}
			}
		}
	}
	return keys
}

var lettersThenYear = regexp.MustCompile(`^([A-Z]{1,6})(20\d{2})(\d{1,8})$`)

// partings are how a number that was drawn together may have been written:
// FAC20260117 is FAC-2026-0117.
func partings(word string) []string {
	m := lettersThenYear.FindStringSubmatch(word)
	if m == nil {
		return nil
	}
	return []string{m[1] + "-" + m[2] + "-" + m[3], m[1] + "-" + m[2] + m[3], m[1] + m[2] + "-" + m[3], m[1] + "/" + m[2] + "/" + m[3]}
}

// caseOfPayer finds the one case that was paid from this account before and
// that asks for this very sum.
func (s *Service) caseOfPayer(ctx context.Context, e *BankEntry) (string, error) {
	if e.PartyIBAN == "" {
		return "", nil
	}
	var ids []string
	err := s.db.Read(ctx).Model(&BankEntry{}).Distinct("case_id").
		Where("party_iban = ? AND account_id = ? AND credit AND state = ? AND case_id IS NOT NULL", e.PartyIBAN, e.AccountID, BankMatched).Limit(20).Pluck("case_id", &ids).Error
	if err != nil {
		return "", fmt.Errorf("cases paid from an account: %w", err)
	}
	fits := ""
	for _, id := range ids {
		c, err := s.negotiation.Case(ctx, negotiation.System, id)
		if err != nil {
			return "", err
		}
		ok, err := asksFor(c, e.Sum(), e.BookedOn)
		if err != nil {
			return "", err
		}
		if ok && fits != "" {
			return "", nil
		}
		if ok {
			fits = id
		}
	}
	return fits, nil
}

// asksFor says whether a sum is what a case asks for on a day: all of it, the
// next instalment, or one invoice.
func asksFor(c *negotiation.Case, sum money.Amount, on negotiation.Day) (bool, error) {
	if sum.Currency != c.Currency || (c.State != negotiation.CaseOpen && c.State != negotiation.CaseInPlan) {
		return false, nil
	}
	asked, err := askedForTransfer(c, sum, on)
	if err != nil || !asked.IsZero() {
		return !asked.IsZero(), err
	}
	if in, err := inPlan(c, money.New(0, c.Currency), on); err != nil {
		return false, err
	} else if in != nil && (in.Due.Cmp(sum) == 0 || (in.Next != nil && in.Next.Left.Cmp(sum) == 0)) {
		return true, nil
	}
	statement, err := c.Statement(on)
	if err != nil {
		return false, err
	}
	for _, claim := range statement.Claims {
		if claim.Principal.Add(claim.Interest).Add(claim.Indemnity).Cmp(sum) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// askedForTransfer is the day of the page whose sum this is: shown for a
// transfer, it clears what it names while the transfer is on its way.
func askedForTransfer(c *negotiation.Case, sum money.Amount, on negotiation.Day) (negotiation.Day, error) {
	for days := range TransferGoodDays + 1 {
		statement, err := c.Statement(on.Add(-days))
		if err != nil {
			return "", err
		}
		if statement.Total.IsPositive() && statement.Total.Cmp(sum) == 0 {
			return on.Add(-days), nil
		}
	}
	return "", nil
}
