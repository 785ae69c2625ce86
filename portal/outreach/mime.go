package outreach

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// mime makes the mail: plain text first, HTML beside it, marked as written by
// a machine so that no holiday note answers it.
func (m Message) mime() (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	from, to := inHeader(m.From), inHeader(m.To)
	if err := msg.FromFormat(from.Name, from.Address); err != nil {
		return nil, fmt.Errorf("letter %s: the sender's address: %w", m.ID, err)
	}
	if err := msg.AddToFormat(to.Name, to.Address); err != nil {
		return nil, unwritten(ProblemAddressWrong)
	}
	if m.ReplyTo != nil {
		reply := inHeader(*m.ReplyTo)
		if err := msg.ReplyToFormat(reply.Name, reply.Address); err != nil {
			return nil, fmt.Errorf("letter %s: the address for answers: %w", m.ID, err)
		}
	}
	msg.Subject(line(m.Subject))
	msg.SetDateWithValue(m.At.UTC())
	msg.SetMessageIDWithValue(m.messageID())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("Content-Language", string(m.Language.Or()))
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	for _, file := range m.Attached {
		err := msg.AttachReader(line(file.Name), bytes.NewReader(file.Content), gomail.WithFileContentType(gomail.ContentType(file.Type)))
		if err != nil {
			return nil, fmt.Errorf("letter %s: %w", m.ID, err)
		}
	}
	return msg, nil
}

// messageID is the same however often the letter leaves.
func (m Message) messageID() string {
	_, domain, _ := strings.Cut(m.From.Address, "@")
	return m.ID + "@" + domain
}

// inHeader makes a name safe to stand in a header.
func inHeader(a mail.Address) mail.Address {
	return mail.Address{Name: line(a.Name), Address: a.Address}
}
