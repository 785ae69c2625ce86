package outreach

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/documents"
	"amiable/portal/locale"
)

const nbsp = "\u00a0"

// content is what the texts of letters are filled with. Names are on one line:
// nothing that came from outside can begin a paragraph or a header.
type content struct {
	Agency     agency
	AgentName  string
	ThirdParty bool
	ToCreditor bool

	Creditor      string
	CaseReference string
	FirstLetter   string
	FirstLetterOn day.Day

	Link, NotMeURL, CheckURL, PaymentsURL, ConnectURL, AgentCaseURL string
	Code                                                            string
	Tries                                                           int64

	opening documents.FirstLetter // the file beside a first letter's mail

	Payment        paymentFacts
	Excess         money.Amount
	Invoice        string
	On             day.Day
	Assumed        bool
	Barred         bool
	CasesURL       string
	PayoutsURL     string
	Digest         negotiation.Digest
	Relation, Note string
	Wish           string
	For            string  // an adviser: who named them
	Until          day.Day // of a pause, of an adviser's mandate
	Situation      string  // a special one, by its reason
	Debtor         string

	Offer                     offerFacts
	Line                      lineFacts
	Dispute                   disputeFacts
	Message                   messageFacts
	Charge                    chargeFacts
	Back                      backFacts
	Given                     givenFacts
	OfferURL, CreditorCaseURL string // the creditor's pages
	DisputeURL, OutcomeURL    string // more of them
	AgentDisputeURL           string
	TalkURL                   string // the debtor's way to a person

	Security securityFacts
}

// securityFacts are the facts of a letter about a user's access.
type securityFacts struct {
	What string `json:"what"` // as the Told constants of access
	Left int64  `json:"codes_left"`
}

type agency struct {
	Name, Address, Phone, Hours, Email string
}

// paymentFacts are the facts of a payment notice.
type paymentFacts struct {
	Amount    money.Amount `json:"amount"`
	On        day.Day      `json:"on"`
	Debtor    string       `json:"debtor"`
	Case      string       `json:"case"`
	Principal money.Amount `json:"principal"`
	Interest  money.Amount `json:"interest"`
	Indemnity money.Amount `json:"indemnity"`
	Fee       money.Amount `json:"fee"`
	Left      money.Amount `json:"left"`
}

// quoting are the kinds that only ever go to a party, the first letter among
// them.
var quoting = []negotiation.LetterKind{
	negotiation.LetterLink, negotiation.LetterCode, negotiation.LetterReceipt,
	negotiation.LetterPaymentFailed, negotiation.LetterCleared, negotiation.LetterFirst,
	negotiation.LetterCounterOffer, negotiation.LetterInstalmentSoon, negotiation.LetterMissed, negotiation.LetterPauseEnds, negotiation.LetterAdviser,
	negotiation.LetterDisputeReceived, negotiation.LetterDisputeAnswered,
	negotiation.LetterChargeDeclined, negotiation.LetterAuthorityGiven, negotiation.LetterAuthorityEnded, negotiation.LetterCardExpires,
	negotiation.LetterRefundMade, negotiation.LetterRefundFailed, negotiation.LetterChargeback, negotiation.LetterChargebackWon,
}

// toBoth are the kinds that go to a party and to the creditor, each with words
// of its own.
var toBoth = []negotiation.LetterKind{
	negotiation.LetterOfferEnded, negotiation.LetterOfferRenewed, negotiation.LetterPlanAgreed, negotiation.LetterPlanChanged,
	negotiation.LetterPlanCompleted, negotiation.LetterPlanEnded, negotiation.LetterDisputeNews, negotiation.LetterDisputeOutcome,
	negotiation.LetterMessage, negotiation.LetterLowered, negotiation.LetterWithdrawn,
}

// quotes says whether a letter follows the first one and so is not written
// without its reference and date (CPCE R124-4, last paragraph).
func quotes(l *negotiation.Letter) bool {
	return l.Recipient == negotiation.ToParty || slices.Contains(quoting, l.Kind)
}

// content gathers what a letter says, but for the link or code it will carry.
func (o *Outreach) content(ctx context.Context, s *negotiation.Sending) (*content, error) {
	l := s.Letter
	c := &content{
		ToCreditor: l.Recipient == negotiation.ToCreditor,
		CheckURL:   o.places.check(), PaymentsURL: o.places.payments(), CasesURL: o.places.cases(), ConnectURL: o.places.connect(), PayoutsURL: o.places.payouts(),
	}
	of := (*negotiation.Agency)(nil)
	if s.Case != nil {
		of = s.Case.Agency
		c.CaseReference = strings.ReplaceAll(negotiation.GroupedReference(s.Case.Reference), " ", nbsp)
		c.Creditor = line(s.Case.Creditor.Name)
		c.FirstLetter, c.FirstLetterOn = line(s.Case.FirstLetterReference), s.Case.FirstLetterOn
		c.AgentCaseURL, c.Debtor = o.places.agentCase(s.Case.ID), line(s.Case.Debtor.Name)
		if l.Kind == negotiation.LetterSituation {
			c.CreditorCaseURL = o.places.creditorCase(s.Case.ID)
		}
	}
	if of == nil {
		found, err := o.negotiation.Agency(ctx)
		if err != nil {
			return nil, err
		}
		of = found
	}
	c.Agency = agency{
		Name: line(of.Name), Phone: line(of.Phone), Hours: locale.Language(l.Language).Typeset(line(of.Hours)), Email: line(of.Email),
		Address: line(strings.Join(slices.DeleteFunc([]string{of.Street, strings.TrimSpace(of.Postcode + " " + of.City)},
			func(part string) bool { return strings.TrimSpace(part) == "" }), ", ")),
	}
	c.ThirdParty = of.CollectorKind == negotiation.ThirdParty
	if c.AgentName = line(of.AgentName); c.AgentName == "" {
		c.AgentName = c.Agency.Name
	}
	if s.Opening != nil { // the first letter quotes itself
		c.FirstLetter, c.FirstLetterOn = s.Opening.Reference, s.Opening.DatedOn
	}
	if quotes(l) {
		if l.CaseID == nil || l.PartyID == nil || c.FirstLetter == "" || c.FirstLetterOn.IsZero() {
			return nil, unwritten(ProblemNoFirstLetter)
		}
	}
	if err := c.read(l); err != nil {
		return nil, err
	}
	if err := c.readBack(l); err != nil {
		return nil, err
	}
	if err := c.readGiven(l, o.places); err != nil {
		return nil, err
	}
	if err := c.readOffer(s, o.places); err != nil {
		return nil, err
	}
	if err := c.readMessage(s, o.places); err != nil {
		return nil, err
	}
	return c, c.readDispute(s, o.places)
}

// read takes the facts of a letter.
func (c *content) read(l *negotiation.Letter) error {
	var facts struct {
		Amount   money.Amount `json:"amount"`
		Relation string       `json:"relation"`
		Note     string       `json:"note"`
		Wish     string       `json:"wish_kind"`
		Tries    int64        `json:"tries"`
		Invoice  string       `json:"invoice"`
		On       day.Day      `json:"on"`
		Assumed  bool         `json:"assumed"`
		Barred   bool         `json:"barred"`
		For      string       `json:"for"`
		Until    day.Day      `json:"until"`
		Reason   string       `json:"reason"`
	}
	if l.Kind == negotiation.LetterDigest {
		if json.Unmarshal([]byte(l.Facts), &c.Digest) != nil || c.Digest.Count == 0 || len(c.Digest.Rows) == 0 {
			return unwritten(ProblemFacts)
		}
		for i := range c.Digest.Rows {
			c.Digest.Rows[i].Debtor = line(c.Digest.Rows[i].Debtor)
		}
		return nil
	}
	into := any(&facts)
	switch l.Kind {
	case negotiation.LetterPaymentNotice:
		into = &c.Payment
	case negotiation.LetterSecurity:
		into = &c.Security
	}
	if err := json.Unmarshal([]byte(l.Facts), into); err != nil {
		return unwritten(ProblemFacts)
	}
	if l.Kind == negotiation.LetterPaymentNotice && (!c.Payment.Amount.IsPositive() || c.Payment.On.IsZero()) {
		return unwritten(ProblemFacts)
	}
	c.Payment.Debtor = line(c.Payment.Debtor)
	c.Excess, c.Relation, c.Note, c.Wish = facts.Amount, line(facts.Relation), line(facts.Note), line(facts.Wish)
	if c.Situation = line(facts.Reason); c.Situation == "" && (l.Kind == negotiation.LetterSituation || l.Kind == negotiation.LetterSituationTold) {
		return unwritten(ProblemFacts)
	}
	c.Tries, c.For, c.Until = facts.Tries, line(facts.For), facts.Until
	if l.Kind == negotiation.LetterAdviser && (c.For == "" || c.Until.IsZero()) {
		return unwritten(ProblemFacts)
	}
	c.Invoice, c.On, c.Assumed, c.Barred = line(facts.Invoice), facts.On, facts.Assumed, facts.Barred
	return nil
}

// line makes a value from outside one line of printable text.
func line(text string) string {
	return oneLine(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.In(r, unicode.Cf):
			return -1
		}
		return r
	}, text))
}
