package outreach

import (
	"errors"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/interest"
	"amiable/portal/documents"
	"amiable/portal/locale"
)

// FirstLetter is a first letter as it is printed and read: what was frozen when
// it was made, and its code.
func FirstLetter(o *negotiation.OpeningLetter, code string) (documents.FirstLetter, error) {
	content, err := o.Says()
	if err != nil {
		return documents.FirstLetter{}, err
	}
	owed, err := o.Statement.Owed()
	if err != nil {
		return documents.FirstLetter{}, err
	}
	f := letterDocument(content, owed, o.Reference, o.DatedOn, code)
	f.Data.Retention = locale.Language(o.Letter.Language).T("letters.retention")
	return f, nil
}

// filedCode stands for a letter's code where the letter goes into a file.
const filedCode = "xxxxxxxxxx"

// FiledFirstLetter is a first letter as it stands in a case's file: without its
// code, which is a key, while a file goes from hand to hand.
func FiledFirstLetter(o *negotiation.OpeningLetter) (documents.FirstLetter, error) {
	f, err := FirstLetter(o, filedCode)
	f.Ways.QR = strings.TrimSuffix(f.Ways.QR, "/c/"+filedCode)
	return f, err
}

// CheckDraft refuses a first letter that lacks what the law wants in it, or
// that could not be printed.
func CheckDraft(d *negotiation.LetterDraft) error {
	f := letterDocument(d.Content, d.Statement.Frozen(), "PL-0000-0000", d.Statement.On, strings.Repeat("7", 10))
	var missing *documents.MissingError
	err := f.Printable()
	switch {
	case errors.As(err, &missing):
		return negotiation.Refuse(negotiation.Invalid, "letter_incomplete").With("mention", missing.Mention)
	case errors.Is(err, documents.ErrWindow):
		return negotiation.Refuse(negotiation.Invalid, "letter_address_too_long")
	}
	return err
}

func letterDocument(c negotiation.LetterContent, owed negotiation.FrozenOwed, reference string, on negotiation.Day, code string) documents.FirstLetter {
	_, host, _ := strings.Cut(c.Site, "://")
	f := documents.FirstLetter{
		Reference: reference, Date: on, CaseReference: negotiation.GroupedReference(c.CaseReference),
		Agency: Identity(c.Agency), Collector: string(c.Collector), AgentName: c.AgentName, Creditor: Identity(c.Creditor), MandateOn: c.MandateOn,
		Debtor: Identity(c.Debtor), Consumer: c.Consumer, Greeting: c.Greeting, Owed: FrozenDocument(owed),
		Data: documents.DataNotice{Contact: c.Agency.Email, URL: c.Site + "/your-data"},
	}
	if f.AgentName == "" {
		f.AgentName = c.Agency.Name
	}
	if f.Data.Contact == "" {
		f.Data.Contact = c.Agency.Phone
	}
	if code != "" {
		f.Ways = documents.Ways{Address: host, Code: code, QR: c.Site + "/c/" + code}
	}
	f.Ways.ChequeTo = c.ChequeTo
	if t := c.Transfer; t != nil {
		f.Ways.Transfer = &documents.Transfer{Holder: t.Holder, IBAN: t.IBAN, BIC: t.BIC, Reference: t.Reference, Amount: owed.Total}
	}
	return f
}

// Identity is a name and address as they were frozen, for a document.
func Identity(i negotiation.LetterIdentity) documents.Identity {
	return documents.Identity{
		Name: i.Name, Contact: i.Contact, Street: i.Street, Postcode: i.Postcode, City: i.City, Country: i.Country,
		SIREN: i.SIREN, Phone: i.Phone, Hours: i.Hours, Email: i.Email,
	}
}

// FrozenDocument puts what was frozen into the words of a document.
func FrozenDocument(f negotiation.FrozenOwed) documents.Owed {
	o := documents.Owed{
		On: f.On, GoodUntil: f.GoodUntil, PerDay: f.PerDay, Principal: f.Principal, Interest: f.Interest, Indemnity: f.Indemnity, Total: f.Total,
	}
	for _, fc := range f.Claims {
		c := documents.OwedClaim{
			Invoice: fc.Invoice, Subject: fc.Subject, IssuedOn: fc.IssuedOn, DueOn: fc.DueOn, NoticeOn: fc.NoticeOn, Invoiced: fc.Invoiced,
			PaidBefore: fc.PaidBefore, Charged: fc.Charged, ChargedLaw: fc.ChargedLaw, Principal: fc.Principal, Interest: fc.Interest, Indemnity: fc.Indemnity,
		}
		for _, m := range fc.Movements {
			c.Movements = append(c.Movements, documents.Movement{On: m.On, Kind: movements[m.Kind], Interest: m.Interest, Indemnity: m.Indemnity, Principal: m.Principal})
		}
		for _, s := range fc.Segments {
			c.Segments = append(c.Segments, documents.Segment{
				From: s.From, To: s.To, Days: s.Days, Base: s.Base, Rate: s.Rate, RateKind: string(s.Kind), Published: s.Published, Margin: s.Margin,
				InForce: s.InForce, Article: s.Article, Amount: s.Amount,
			})
		}
		o.Claims = append(o.Claims, c)
	}
	return o
}

var movements = map[interest.MovementKind]string{
	interest.Payment: documents.MovementPayment, interest.CreditNote: documents.MovementCreditNote, interest.TakenBack: documents.MovementTakenBack, interest.Waiver: documents.MovementWaiver,
}

// PrintRun is the letters of a batch that are to be posted now, ready for the
// printer.
func PrintRun(made []*negotiation.OpeningLetter, codes map[string]string, duplex bool) (documents.PrintRun, error) {
	run := documents.PrintRun{Duplex: duplex}
	for _, o := range made {
		f, err := FirstLetter(o, codes[o.LetterID])
		if err != nil {
			return run, err
		}
		run.Letters = append(run.Letters, documents.ToPrint{Letter: f, Language: locale.Language(o.Letter.Language).Or()})
	}
	return run, nil
}
