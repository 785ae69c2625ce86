package documents

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// The ways a payment can come in, each with its phrase "paper.means.<means>".
// Any other text is printed as it is.
const (
	MeansCard      = "card"
	MeansWallet    = "wallet" // Apple Pay, Google Pay, Link
	MeansPayPal    = "paypal"
	MeansDebit     = "sepa_debit"
	MeansTransfer  = "transfer"
	MeansCheque    = "cheque"
	MeansCash      = "cash"
	MeansOnline    = "online"    // on the gateway's page, which has not said how
	MeansElsewhere = "elsewhere" // straight to the creditor
)

// Receipt is the legal acknowledgement of one payment (CPCE R124-6).
type Receipt struct {
	Number        string
	CaseReference string // as it is shown
	Agency        Identity
	Creditor      Identity
	Payer         Identity
	ByAnother     bool // somebody else paid for the payer, with a link that they gave
	FirstLetter   FirstLetterRef

	PaidOn   day.Day
	IssuedAt time.Time // UTC
	Amount   money.Amount
	Means    string // a Means constant
	Detail   string // "Visa •••• 4242", "chèque n° 123"; may be empty

	// Provisional says that the payer's bank may still take the money back;
	// ReversibleUntil is until when, if that is known.
	Provisional     bool
	ReversibleUntil day.Day

	Shares []ReceiptShare
	Excess money.Amount // beyond what was owed, to be given back
	Waived money.Amount // interest given up with this payment
	Left   money.Amount // still owed after it
	Plan   *ReceiptPlan // that the payment is of; nil: none

	Corrects  string // the number of the receipt that this one corrects
	ChainHead string // head of the case's chain, hex; 16 characters are shown
	PageURL   string // the same as a page
}

// ReceiptPlan is how far a payment brought a plan.
type ReceiptPlan struct {
	Number      string
	AcceptedOn  day.Day
	Settled, Of int // instalments
	Left        money.Amount
	NextOn      day.Day // none: nothing of it is to be paid any more
	Next        money.Amount
}

// ReceiptShare is what one invoice got of a payment.
type ReceiptShare struct {
	Invoice                        string
	Interest, Indemnity, Principal money.Amount
}

func (s ReceiptShare) total() money.Amount { return money.Sum(s.Interest, s.Indemnity, s.Principal) }

// check wants what a receipt must say, and lines that close to the cent.
func (r *Receipt) check() error {
	const name, article = "receipt", "CPCE R124-6"
	err := complete(name, []mention{
		{"number", article, filled(r.Number)},
		{"payer's name", article, filled(r.Payer.Name)},
		{"creditor's name", article, filled(r.Creditor.Name)},
		{"collector's name", article, filled(r.Agency.Name)},
		{"date of payment", article, !r.PaidOn.IsZero()},
		{"date of issue", "", !r.IssuedAt.IsZero()},
		{"amount", article, r.Amount.IsPositive()},
		{"means of payment", article, filled(r.Means)},
		{"first letter's reference and date", "CPCE R124-4, last paragraph", r.FirstLetter.complete()},
	})
	if err != nil {
		return err
	}
	parts := []money.Amount{r.Excess}
	for _, share := range r.Shares {
		parts = append(parts, share.total())
	}
	return closes("receipt "+r.Number, "its parts", r.Amount, parts...)
}

// PDF draws the receipt. It fails with *MissingError where a mention is empty.
func (r Receipt) PDF(l locale.Language) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.receipt.title", "number", r.Number), subject: l.T("paper.receipt.subject", "reference", r.CaseReference),
		author: r.Agency.Name, at: r.IssuedAt,
	})
	s.foot = s.footOf(r.Agency, r.CaseReference)
	s.sender(r.Agency)
	s.title(s.t("receipt.title", "number", r.Number))
	if r.Corrects != "" {
		s.text(s.t("receipt.corrects", "number", r.Corrects))
	}
	payer, paidBy := r.Payer.Name, plain(r.Payer.oneLine())
	if r.ByAnother {
		payer, paidBy = s.t("receipt.another", "payer", payer), s.t("receipt.another", "payer", paidBy)
	}
	s.text(s.t("receipt.lead", "agency", r.Agency.Name, "creditor", r.Creditor.Name, "payer", payer))
	s.gap(2)
	s.sum(s.t("receipt.sum", "day", r.PaidOn), s.l.Amount(r.Amount), s.provisional(r.Provisional, r.ReversibleUntil))
	s.facts([]fact{
		{s.t("receipt.payer"), paidBy},
		{s.t("receipt.creditor"), plain(r.Creditor.oneLine())},
		{s.t("receipt.collector"), plain(r.Agency.oneLine())},
		{s.t("receipt.paid_on"), s.l.Day(r.PaidOn)},
		{s.t("receipt.means"), s.means(r.Means, r.Detail)},
		{s.t("case"), plain(r.CaseReference)},
		{s.t("first_letter"), s.firstLetter(r.FirstLetter)},
	})
	s.heading(s.t("receipt.shares"))
	s.shares(r)
	s.second(s.t("receipt.order"))
	s.heading(s.t("receipt.left.heading"))
	switch {
	case r.Left.IsZero() && r.Provisional:
		s.text(s.t("receipt.cleared.provisional"))
	case r.Left.IsZero():
		s.text(s.t("receipt.cleared"))
	default:
		s.text(s.t("receipt.left", "sum", r.Left, "day", r.PaidOn))
	}
	if p := r.Plan; p != nil {
		s.text(s.t("receipt.plan", "number", p.Number, "day", p.AcceptedOn, "n", p.Settled, "of", p.Of))
		if p.NextOn.IsZero() {
			s.text(s.t("receipt.plan.done"))
		} else {
			s.text(s.t("receipt.plan.next", "left", p.Left, "day", p.NextOn, "sum", p.Next))
		}
	}
	if r.Waived.IsPositive() {
		s.text(s.t("receipt.waived", "sum", r.Waived, "creditor", r.Creditor.Name))
	}
	if r.Excess.IsPositive() {
		s.text(s.t("receipt.excess", "sum", r.Excess))
	}
	s.second(s.t("receipt.no_fee"))
	s.second(s.t("receipt.issued", "day", day.Of(r.IssuedAt.UTC()), "agency", r.Agency.Name, "creditor", r.Creditor.Name))
	s.chain(r.ChainHead)
	s.online(r.PageURL)
	return s.bytes("receipt " + r.Number)
}

func (s *sheet) shares(r Receipt) {
	columns := []column{
		{title: s.t("receipt.invoice")},
		{title: s.t("interest"), width: 26, right: true},
		{title: s.t("indemnity"), width: 26, right: true},
		{title: s.t("principal"), width: 30, right: true},
		{title: s.t("total"), width: 32, right: true},
	}
	zero := r.Amount.Zero()
	interest, indemnity, principal := zero, zero, zero
	var rows []row
	for _, share := range r.Shares {
		if share.total().IsZero() && len(r.Shares) > 1 {
			continue // an invoice that got nothing of it
		}
		rows = append(rows, row{cells: []string{
			plain(share.Invoice), s.l.Amount(share.Interest), s.l.Amount(share.Indemnity), s.l.Amount(share.Principal), s.l.Amount(share.total()),
		}})
		interest, indemnity, principal = interest.Add(share.Interest), indemnity.Add(share.Indemnity), principal.Add(share.Principal)
	}
	if r.Excess.IsPositive() {
		rows = append(rows, row{cells: []string{s.t("receipt.excess.line"), "", "", "", s.l.Amount(r.Excess)}})
	}
	rows = append(rows, row{strong: true, cells: []string{
		s.t("receipt.received"), s.l.Amount(interest), s.l.Amount(indemnity), s.l.Amount(principal), s.l.Amount(r.Amount),
	}})
	s.table(columns, rows)
}

// means writes how a payment came in.
func (s *sheet) means(means, detail string) string {
	text := plain(means)
	if s.l.Has("paper.means." + means) {
		text = s.t("means." + means)
	}
	if detail != "" {
		text += " (" + plain(detail) + ")"
	}
	return text
}

// provisional says until when a payment is subject to final collection.
func (s *sheet) provisional(provisional bool, until day.Day) string {
	switch {
	case !provisional:
		return ""
	case until.IsZero():
		return s.t("provisional")
	}
	return s.t("provisional.until", "day", until)
}

func (s *sheet) firstLetter(r FirstLetterRef) string {
	return s.t("first_letter.value", "reference", r.Reference, "day", r.SentOn)
}
