package outreach

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"slices"
	"strings"
	"time"
)

// Outbox is the mailer of the demo: it keeps messages as .eml files in a
// folder, where a page shows them and every process sees them. Nothing leaves.
// A letter that is sent again takes the place of its first copy.
type Outbox struct{ folder string }

// NewOutbox makes the folder if there is none, readable by its owner alone.
func NewOutbox(folder string) (*Outbox, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return &Outbox{folder}, nil
}

const mailSuffix = ".eml"

// Send writes the message down, whole or not at all.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !plainName(m.ID) {
		return fmt.Errorf("outbox: %q cannot name a file", m.ID)
	}
	msg, err := m.mime()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := msg.WriteTo(&file); err != nil {
		return fmt.Errorf("outbox: letter %s: %w", m.ID, err)
	}
	temporary, err := os.CreateTemp(o.folder, "writing-*")
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	_, err = temporary.Write(file.Bytes())
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), o.path(m.ID))
	}
	if err != nil {
		return fmt.Errorf("outbox: letter %s: %w", m.ID, errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}

// Mail is a message in the outbox, as its reader sees it.
type Mail struct {
	ID, MessageID     string
	From, To, ReplyTo string // name and address, as a mail program shows them
	ToAddress         string
	Subject           string
	Language          string
	At                time.Time
	Text, HTML        string
	Links             []string // the addresses in the text, in order
	Files             []Attachment
}

// ErrNoMail says that there is no such message.
var ErrNoMail = errors.New("no such message")

// List returns the newest messages first, at most limit.
func (o *Outbox) List(limit int) ([]Mail, error) {
	entries, err := os.ReadDir(o.folder)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	var mails []Mail
	for _, entry := range entries {
		id, isMail := strings.CutSuffix(entry.Name(), mailSuffix)
		if !isMail || entry.IsDir() {
			continue
		}
		m, err := o.Get(id)
		if errors.Is(err, ErrNoMail) {
			continue // taken away in the meantime
		}
		if err != nil {
			return nil, err
		}
		mails = append(mails, *m)
	}
	slices.SortFunc(mails, func(a, b Mail) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(b.ID, a.ID))
	})
	return mails[:min(len(mails), max(limit, 0))], nil
}

// Get returns one message, or ErrNoMail.
func (o *Outbox) Get(id string) (*Mail, error) {
	if !plainName(id) {
		return nil, ErrNoMail
	}
	file, err := os.ReadFile(o.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoMail
	}
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	m, err := readMail(file)
	if err != nil {
		return nil, fmt.Errorf("outbox: message %s: %w", id, err)
	}
	m.ID = id
	return m, nil
}

func (o *Outbox) path(id string) string { return o.folder + string(os.PathSeparator) + id + mailSuffix }

// plainName keeps an id from naming another folder.
func plainName(id string) bool {
	if id == "" || len(id) > 100 {
		return false
	}
	for _, r := range id {
		if !(r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return false
		}
	}
	return true
}

// readMail reads a message of ours back.
func readMail(file []byte) (*Mail, error) {
	message, err := mail.ReadMessage(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	decode := func(header string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get(header))
		if err != nil {
			return message.Header.Get(header)
		}
		return text
	}
	m := &Mail{
		MessageID: strings.Trim(message.Header.Get("Message-ID"), "<>"), From: decode("From"), To: decode("To"), ReplyTo: decode("Reply-To"),
		Subject: decode("Subject"), Language: message.Header.Get("Content-Language"),
	}
	if m.At, err = message.Header.Date(); err != nil {
		return nil, err
	}
	if to, err := message.Header.AddressList("To"); err == nil && len(to) > 0 {
		m.ToAddress = to[0].Address
	}
	return m, m.read(message.Header.Get("Content-Type"), message.Body)
}

// read takes the parts of a message: text and HTML, and files beside them.
func (m *Mail) read(contentType string, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return fmt.Errorf("its content is %q", kind)
	}
	parts := multipart.NewReader(body, parameters["boundary"])
	for {
		part, err := parts.NextPart() // it undoes quoted-printable itself
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		of := part.Header.Get("Content-Type")
		if strings.HasPrefix(of, "multipart/") {
			if err := m.read(of, part); err != nil {
				return err
			}
			continue
		}
		var from io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
			from = base64.NewDecoder(base64.StdEncoding, part)
		}
		content, err := io.ReadAll(from)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(content), "\r\n", "\n")
		switch {
		case part.FileName() != "":
			media, _, _ := strings.Cut(of, ";")
			m.Files = append(m.Files, Attachment{Name: part.FileName(), Type: media, Content: content})
		case strings.HasPrefix(of, "text/html"):
			m.HTML = text
		default:
			m.Text, m.Links = text, links(text)
		}
	}
}

func links(text string) []string {
	var found []string
	for _, s := range spans(strings.ReplaceAll(text, "\n", " ")) {
		if s.Address != "" {
			found = append(found, s.Address)
		}
	}
	return found
}
