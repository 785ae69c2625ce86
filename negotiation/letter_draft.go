package negotiation

import (
	"slices"
	"strings"
)

// LetterContent is who stands in a first letter, as it was on the day it was
// made; what is owed stands in the statement.
type LetterContent struct {
	CaseReference string         `json:"case"`
	Site          string         `json:"site"` // address of the portal, without a slash at its end
	Collector     CollectorKind  `json:"collector"`
	AgentName     string         `json:"agent"`
	Agency        LetterIdentity `json:"agency"`
	Creditor      LetterIdentity `json:"creditor"`
	Debtor        LetterIdentity `json:"debtor"`
	MandateOn     Day            `json:"mandate_on"`
	Consumer      bool           `json:"consumer"`
	Greeting      string         `json:"greeting"`
	Transfer      *Transfer      `json:"transfer,omitempty"`  // where a transfer goes; none: no transfer
	ChequeTo      string         `json:"cheque_to,omitempty"` // to whose order a cheque is made out, sent to the agency
}

// LetterIdentity is a name and address as printed.
type LetterIdentity struct {
	Name     string `json:"name"`
	Contact  string `json:"contact,omitempty"`
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty"`
	SIREN    string `json:"siren,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Hours    string `json:"hours,omitempty"`
	Email    string `json:"email,omitempty"`
}

func (a *Agency) identity() LetterIdentity {
	return LetterIdentity{Name: a.Name, Street: a.Street, Postcode: a.Postcode, City: a.City, Country: a.Country, SIREN: a.SIREN, Phone: a.Phone, Hours: a.Hours, Email: a.Email}
}

func (c *Creditor) identity() LetterIdentity {
	return LetterIdentity{Name: c.Name, Street: c.Street, Postcode: c.Postcode, City: c.City, Country: c.Country, SIREN: c.SIREN}
}

func (d *Debtor) identity() LetterIdentity {
	return LetterIdentity{Name: d.Name, Contact: d.ContactName, Street: d.Street, Postcode: d.Postcode, City: d.City, Country: d.Country, SIREN: d.SIREN}
}

// readAddress takes an address as somebody wrote it: the line that begins with
// a postcode names the town, what stands before it is the street.
func (i *LetterIdentity) readAddress(text string) {
	i.Street, i.Postcode, i.City = "", "", ""
	var street []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' }) {
		line = strings.TrimSpace(line)
		code, town, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case i.Postcode == "" && len(street) > 0 && len(code) >= 4 && strings.Trim(code, "0123456789") == "" && town != "":
			i.Postcode, i.City = code, strings.TrimSpace(town)
		case i.Postcode == "":
			street = append(street, line)
		case len(line) == 2:
			i.Country = strings.ToUpper(line)
		}
	}
	i.Street = strings.Join(street, "\n")
}

// LetterDraft is a first letter as it would be made today.
type LetterDraft struct {
	Content   LetterContent
	Statement *Statement
	Party     *Party
	Channel   ContactKind // post, or e-mail where the agency allows it
}

// DraftFirstLetter works out the first letter of a case without making it, or
// refuses with the reasons why it may not be made.
func (c *Case) DraftFirstLetter(today, datedOn Day, site string) (*LetterDraft, error) {
	if datedOn.IsZero() {
		datedOn = today
	}
	switch {
	case !c.FirstLetterOn.IsZero():
		return nil, Refuse(Conflict, "first_letter_recorded")
	case datedOn.Before(today) || datedOn.After(today.Add(letterAheadDays)):
		return nil, Refuse(Invalid, "letter_date_out_of_range").On("dated_on").With("days", letterAheadDays)
	}
	if reasons := c.firstLetterBlocked(datedOn); len(reasons) > 0 {
		return nil, blockedLetter(reasons)
	}
	s, err := c.Statement(datedOn)
	if err != nil {
		return nil, err
	}
	if s.MissingRate != nil {
		return nil, blockedLetter([]Reason{RateMissing})
	}
	s.GoodUntil = datedOn.Add(letterGoodDays)
	party := c.MainParty()
	if party == nil {
		return nil, errNotFound
	}
	d := &LetterDraft{Statement: s, Party: party, Channel: ContactPost, Content: c.letterContent(party, site, datedOn)}
	if _, ok := party.Contact(ContactEmail); ok && c.Agency.FirstLetterByEmail && !party.Person.Refuses(ContactEmail) && party.Person.PrefersChannel != ContactPost {
		d.Channel = ContactEmail
	}
	return d, nil
}

func (c *Case) letterContent(party *Party, site string, on Day) LetterContent {
	a, cr, d := c.Agency, c.Creditor, c.Debtor
	content := LetterContent{
		CaseReference: c.Reference, Site: strings.TrimRight(site, "/"), Collector: a.CollectorKind, AgentName: a.AgentName,
		Agency: a.identity(), Creditor: cr.identity(), Debtor: d.identity(),
		Consumer: d.Kind == DebtorConsumer, Greeting: d.ContactName, Transfer: c.Transfer(on), ChequeTo: c.ChequeTo(on),
	}
	if c.Mandate != nil {
		content.MandateOn = c.Mandate.SignedOn
	}
	if d.Kind == DebtorConsumer { // the person is the addressee: one name is enough
		content.Greeting, content.Debtor.Contact = d.Name, ""
		if d.ContactName != "" {
			content.Greeting, content.Debtor.Name = d.ContactName, d.ContactName
		}
	}
	if post, ok := party.Contact(ContactPost); ok && !strings.HasPrefix(post.Source, "placement:") {
		content.Debtor.readAddress(post.Value)
	}
	return content
}

func blockedLetter(reasons []Reason) error {
	r := Refuse(Blocked, "gate_letters")
	r.Reasons = reasons
	return r
}

// firstLetterBlocked returns what keeps a first letter from being made or from
// leaving: everything that forbids letters but its own absence, also where it
// stands on a part, since the letter asks for the whole; and a hold for which
// only a person writes.
func (c *Case) firstLetterBlocked(on Day) []Reason {
	var reasons []Reason
	gate := c.Gate(on)
	for _, closed := range gate.Closed {
		if closed.Reason != FirstLetterMissing && (closed.Reason.Blocks(Letters) || blocks[closed.Reason].byPerson) && !slices.Contains(reasons, closed.Reason) {
			reasons = append(reasons, closed.Reason)
		}
	}
	if c.State != CasePlaced && !slices.Contains(reasons, NotDueYet) {
		reasons = append(reasons, NotPlaced)
	}
	return reasons
}
