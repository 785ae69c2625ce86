// Package outreach brings letters to people. The negotiation writes a row for
// each letter that is due, in the transaction of the act it tells of; this
// package finds the row, asks the gates once more, makes the way in that the
// letter carries, writes it in the reader's language, hands it to the mailer,
// and reports back. Losing this process loses no letter; a letter that leaves
// twice, after a crash between sending and reporting, has the same Message-ID.
//
// A letter to a debtor has a neutral subject and preview; it names agency,
// creditor and the first letter's reference and date, and neither a sum nor an
// invoice; the first letter itself, where the agency lets it go by mail, is a
// file beside such a text. Without that reference and date it is not written at all (CPCE
// R124-4, last paragraph). No address, name, token or code goes to the log or
// into a letter's problem.
package outreach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"sync"

	"amiable/negotiation"
)

// Links makes what a letter carries, at the moment it leaves, so that no token
// and no code waits anywhere in the clear.
type Links interface {
	CreateLink(ctx context.Context, caseID, partyID string) (token string, err error)
	NewCode(ctx context.Context, l *negotiation.Letter) (code string, err error)
	InvitationToken(ctx context.Context, l *negotiation.Letter) (token string, err error)
	ResetToken(ctx context.Context, l *negotiation.Letter) (token string, err error)
	LetterCodes(ctx context.Context, letterIDs ...string) (codes map[string]string, err error)
}

// Config is what the service is given.
type Config struct {
	Mailer  Mailer
	Links   Links
	BaseURL string       // of the portal, as it stands in letters
	From    mail.Address // whose mail it is; an empty name becomes the agency's
	Log     *slog.Logger // nil: the default
}

// Outreach sends letters. Make it with New; it is safe for concurrent use.
type Outreach struct {
	negotiation *negotiation.Service
	mailer      Mailer
	links       Links
	places      places
	from        mail.Address
	log         *slog.Logger
	texts       texts
	leaving     sync.Map // ids of letters this process is sending just now
}

// New returns a service. It fails on texts that cannot be read, which is a
// broken build, and on a sender that is no mail address.
func New(n *negotiation.Service, config Config) (*Outreach, error) {
	texts, err := readTexts()
	if err != nil {
		return nil, err
	}
	if _, err := mail.ParseAddress(config.From.Address); err != nil {
		return nil, fmt.Errorf("outreach: the sender's address: %w", err)
	}
	if config.Mailer == nil || config.Links == nil {
		return nil, errors.New("outreach: a mailer and links are needed")
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Outreach{
		negotiation: n, mailer: config.Mailer, links: config.Links, places: places{strings.TrimRight(config.BaseURL, "/")},
		from: config.From, log: config.Log, texts: texts,
	}, nil
}

// DeliverDue sends the letters whose time has come, at most limit, and returns
// how many left. A letter that cannot leave is put off, or kept for a person to
// see, and does not stop the others; a mailer that cannot be reached does.
func (o *Outreach) DeliverDue(ctx context.Context, limit int) (sent int, err error) {
	due, err := o.negotiation.LettersDue(ctx, limit)
	if err != nil {
		return 0, err
	}
	var faults []error
	for _, l := range due {
		left, err := o.Deliver(ctx, l.ID)
		if left {
			sent++
		}
		if errors.Is(err, ErrUnreachable) || ctx.Err() != nil {
			return sent, errors.Join(append(faults, err)...)
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	return sent, errors.Join(faults...)
}

// Deliver sends one letter if it is due and no gate stops it, and says whether
// it left. What keeps a letter from leaving is recorded with the letter; the
// error is for what is not the letter's: a database that fails, a mailer that
// cannot be reached (ErrUnreachable).
func (o *Outreach) Deliver(ctx context.Context, letterID string) (left bool, err error) {
	if _, busy := o.leaving.LoadOrStore(letterID, true); busy {
		return false, nil
	}
	defer o.leaving.Delete(letterID)

	sending, ok, err := o.negotiation.PrepareLetter(ctx, letterID)
	if err != nil || !ok {
		return false, err
	}
	message, err := o.write(ctx, sending)
	if err == nil {
		err = o.mailer.Send(ctx, message)
	}
	if err == nil {
		o.log.InfoContext(ctx, "letter sent", "letter", letterID, "kind", sending.Letter.Kind)
		return true, o.negotiation.LetterSent(ctx, letterID, message.To.Address)
	}
	problem, ours := problemOf(err)
	if ctx.Err() != nil || (ours && !errors.Is(err, ErrUnreachable)) {
		released := o.negotiation.LetterReleased(context.WithoutCancel(ctx), letterID) // it stays due
		return false, errors.Join(fmt.Errorf("letter %s: %w", letterID, err), released)
	}
	var refused *RefusedError
	if errors.As(err, &refused) && !refused.Temporary {
		o.log.WarnContext(ctx, "letter refused", "letter", letterID, "kind", sending.Letter.Kind, "problem", problem)
		return false, o.negotiation.LetterRefused(ctx, letterID, message.To.Address, refused.AboutAddress(), problem)
	}
	o.log.WarnContext(ctx, "letter not sent", "letter", letterID, "kind", sending.Letter.Kind, "problem", problem)
	if noted := o.negotiation.LetterNotSent(ctx, letterID, problem); noted != nil {
		return false, noted
	}
	if ours {
		return false, fmt.Errorf("letter %s: %w", letterID, ErrUnreachable)
	}
	return false, nil
}

// problemOf names what kept a letter from leaving, without any personal datum;
// ours says that another letter would have met the same.
func problemOf(err error) (problem string, ours bool) {
	var refused *RefusedError
	var unwritten *unwrittenError
	switch {
	case errors.As(err, &unwritten):
		return unwritten.problem, false
	case errors.As(err, &refused):
		return refused.Error(), false
	case errors.Is(err, ErrUnreachable):
		return "mailer_unreachable", true
	}
	if r := negotiation.AsRefusal(err); r != nil {
		return r.Code, false
	}
	return "fault", true
}

// unwrittenError says why a letter could not be written.
type unwrittenError struct {
	problem string
	cause   error
}

func (e *unwrittenError) Error() string {
	if e.cause != nil {
		return "not written: " + e.problem + ": " + e.cause.Error()
	}
	return "not written: " + e.problem
}

func (e *unwrittenError) Unwrap() error { return e.cause }

func unwritten(problem string) error { return &unwrittenError{problem: problem} }

// The problems of a letter that cannot be written: codes, kept with the letter
// for an agent to see.
const (
	ProblemNoAddress     = "no_usable_address"
	ProblemAddressWrong  = "address_wrong"
	ProblemNoFirstLetter = "first_letter_missing" // its reference or date is empty
	ProblemUnknownKind   = "kind_unknown"
	ProblemUnknownText   = "text_version_unknown"
	ProblemFacts         = "facts_unreadable"
	ProblemText          = "text_broken" // a fault of ours: the text does not fit its facts
)

// write makes the message of a letter. Whatever can be wrong with the letter
// is found before its link or code is made.
func (o *Outreach) write(ctx context.Context, s *negotiation.Sending) (Message, error) {
	to, err := recipient(s)
	if err != nil {
		return Message{}, err
	}
	content, err := o.content(ctx, s)
	if err != nil {
		return Message{}, err
	}
	if _, err := o.texts.write(s.Letter, content); err != nil { // before a token is made for it
		return Message{}, err
	}
	if err := o.carry(ctx, s, content); err != nil {
		return Message{}, err
	}
	now, err := o.negotiation.Now(ctx)
	if err != nil {
		return Message{}, err
	}
	text, err := o.texts.write(s.Letter, content)
	if err != nil {
		return Message{}, err
	}
	from := o.from
	if from.Name == "" {
		from.Name = content.Agency.Name
	}
	m := Message{
		ID: s.Letter.ID, From: from, To: to, Subject: text.Subject, Text: text.Text, HTML: text.HTML,
		Language: text.Language, At: now,
	}
	if s.Opening != nil {
		file, err := content.opening.PDF(text.Language)
		if err != nil {
			return Message{}, &unwrittenError{ProblemText, err}
		}
		m.Attached = []Attachment{{Name: content.opening.Reference + ".pdf", Type: "application/pdf", Content: file}}
	}
	if reply, err := mail.ParseAddress(content.Agency.Email); err == nil && !strings.EqualFold(reply.Address, from.Address) {
		m.ReplyTo = &mail.Address{Name: content.Agency.Name, Address: reply.Address}
	}
	return m, nil
}

// leadsTo says where the link of a letter leads after the check, if not to the
// case.
var leadsTo = map[negotiation.LetterKind]string{
	negotiation.LetterCounterOffer: ToOffer, negotiation.LetterOfferRenewed: ToOffer, negotiation.LetterPlanAgreed: ToAgreement,
	negotiation.LetterPlanChanged: ToInstalments, negotiation.LetterInstalmentSoon: ToInstalments, negotiation.LetterMissed: ToInstalments,
	negotiation.LetterDisputeReceived: ToDispute, negotiation.LetterDisputeAnswered: ToDispute, negotiation.LetterDisputeNews: ToDispute, negotiation.LetterDisputeOutcome: ToDispute,
	negotiation.LetterChargeDeclined: ToInstalments, negotiation.LetterAuthorityGiven: ToInstalments, negotiation.LetterAuthorityEnded: ToInstalments,
	negotiation.LetterCardExpires: ToInstalments, negotiation.LetterMessage: ToMessage,
}

// carry makes the link or the code that the letter brings.
func (o *Outreach) carry(ctx context.Context, s *negotiation.Sending, c *content) error {
	l := s.Letter
	if l.Recipient == negotiation.ToParty && l.Kind != negotiation.LetterFirst && l.Kind != negotiation.LetterCode {
		token, err := o.links.CreateLink(ctx, *l.CaseID, *l.PartyID)
		c.Link, c.TalkURL, c.NotMeURL = o.places.linkTo(token, leadsTo[l.Kind]), o.places.linkTo(token, ToMessage), o.places.notMe(token)
		return err
	}
	switch l.Kind {
	case negotiation.LetterFirst:
		codes, err := o.links.LetterCodes(ctx, l.ID)
		if err != nil {
			return err
		}
		c.opening, err = FirstLetter(s.Opening, codes[l.ID])
		c.Link = c.opening.Ways.QR
		return err
	case negotiation.LetterCode:
		code, err := o.links.NewCode(ctx, l)
		c.Code = code
		return err
	case negotiation.LetterInvitation:
		token, err := o.links.InvitationToken(ctx, l)
		c.Link = o.places.invitation(token)
		return err
	case negotiation.LetterReset:
		token, err := o.links.ResetToken(ctx, l)
		c.Link = o.places.reset(token)
		return err
	case negotiation.LetterSecurity:
		c.Link = o.places.security()
	}
	return nil
}

// recipient is where a letter goes: the address it names, else the party's
// preferred mail that is still usable.
func recipient(s *negotiation.Sending) (mail.Address, error) {
	address, name := s.Letter.Address, ""
	if s.Letter.Recipient == negotiation.ToParty {
		if s.Case == nil || s.Letter.PartyID == nil {
			return mail.Address{}, unwritten(ProblemNoAddress)
		}
		party := s.Case.Party(*s.Letter.PartyID)
		if party == nil {
			return mail.Address{}, unwritten(ProblemNoAddress)
		}
		name = line(party.Person.Name)
		if address == "" {
			contact, ok := party.Contact(negotiation.ContactEmail)
			if !ok {
				return mail.Address{}, unwritten(ProblemNoAddress)
			}
			address = contact.Value
		}
	}
	if address == "" {
		return mail.Address{}, unwritten(ProblemNoAddress)
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address {
		return mail.Address{}, unwritten(ProblemAddressWrong)
	}
	return mail.Address{Name: name, Address: parsed.Address}, nil
}
