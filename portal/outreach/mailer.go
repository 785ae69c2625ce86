package outreach

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"amiable/portal/locale"
)

// Mailer takes one message on its way. It returns nil once somebody else is
// answerable for it, a *RefusedError where the message was refused, and an
// error that wraps ErrUnreachable where nobody was there to take it.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// Message is a letter as it leaves.
type Message struct {
	ID       string // the letter's id; the Message-ID is made of it
	From, To mail.Address
	ReplyTo  *mail.Address
	Subject  string
	Text     string
	HTML     string
	Language locale.Language
	At       time.Time
	Attached []Attachment
}

// Attachment is a file that goes with a message.
type Attachment struct {
	Name, Type string
	Content    []byte
}

// ErrUnreachable says that the mailer took nothing, from anybody.
var ErrUnreachable = errors.New("the mailer cannot be reached")

// RefusedError is the answer of a mail server that does not take a message. It
// names no address.
type RefusedError struct {
	Code      int    // of SMTP: 4xx for now, 5xx for good
	Enhanced  string // "5.1.1"; may be empty
	Temporary bool
}

// AboutAddress says whether it is the recipient's address that was refused:
// there is no such mailbox. A message may also be refused for what it says or
// for who sends it; then the address stays good.
func (e *RefusedError) AboutAddress() bool {
	switch {
	case e.Temporary:
		return false
	case e.Enhanced != "":
		return strings.HasPrefix(e.Enhanced, "5.1.") && e.Enhanced != "5.1.7" && e.Enhanced != "5.1.8" || e.Enhanced == "5.2.1"
	}
	return e.Code == 550 || e.Code == 551 || e.Code == 553
}

func (e *RefusedError) Error() string {
	text := fmt.Sprintf("refused %d", e.Code)
	if e.Enhanced != "" {
		text += " " + e.Enhanced
	}
	if e.Temporary {
		return text + " for now"
	}
	return text + " for good"
}
