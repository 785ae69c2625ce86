package outreach

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
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
