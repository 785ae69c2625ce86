package outreach

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the way to the relay is protected.
type Security string

const (
	STARTTLS Security = "starttls" // plain, then TLS; a relay without it gets nothing
	TLS      Security = "tls"      // TLS from the first byte
	NoTLS    Security = "none"     // a relay on the same machine
)

// relayDeadline bounds one message, from the first byte to the answer.
const relayDeadline = 20 * time.Second

// Relay hands messages to an SMTP server that is answerable for them from
// there on.
type Relay struct {
	Host      string
	Port      int // 0: 587, 465 with TLS, 25 without
	Security  Security
	Username  string // empty: no sign-in
	Password  string
	TLSConfig *tls.Config   // nil: the system's certificates
	Deadline  time.Duration // 0: 20 seconds
}

// Send hands one message over. It opens a connection for each: letters are few,
// and a connection that is kept is one that breaks in between.
func (r Relay) Send(ctx context.Context, m Message) error {
	msg, err := m.mime()
	if err != nil {
		return err
	}
	deadline := r.Deadline
	if deadline == 0 {
		deadline = relayDeadline
	}
	client, err := gomail.NewClient(r.Host, r.options(deadline)...)
	if err != nil {
		return fmt.Errorf("mail relay: %w", err)
	}
	sending, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	if err := client.DialWithContext(sending); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	err = client.Send(msg)
	_ = client.Close() // what it says after the answer changes nothing
	return answer(ctx, err)
}

func (r Relay) options(deadline time.Duration) []gomail.Option {
	options := []gomail.Option{gomail.WithTimeout(deadline)}
	switch r.Security {
	case TLS:
		options = append(options, gomail.WithSSLPort(false))
	case NoTLS:
		options = append(options, gomail.WithTLSPortPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	}
	if r.Port != 0 {
		options = append(options, gomail.WithPort(r.Port))
	}
	if r.TLSConfig != nil {
		options = append(options, gomail.WithTLSConfig(r.TLSConfig))
	}
	if r.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(r.Username), gomail.WithPassword(r.Password))
	}
	return options
}

// answer tells what the relay said apart from a connection that broke.
func answer(ctx context.Context, err error) error {
	var sendError *gomail.SendError
	var reply *textproto.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &sendError) && sendError.ErrorCode() >= 400:
		return &RefusedError{Code: sendError.ErrorCode(), Enhanced: sendError.EnhancedStatusCode(), Temporary: sendError.ErrorCode() < 500}
	case errors.As(err, &reply):
		return &RefusedError{Code: reply.Code, Temporary: reply.Code < 500}
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}
