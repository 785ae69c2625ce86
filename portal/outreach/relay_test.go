package outreach

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/portal/locale"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is an SMTP server inside the test; it keeps what it is given, or
// answers as it is told.
type server struct {
	mu       sync.Mutex
	got      []string
	from, to []string
	user     string
	secure   bool
	refuse   *smtp.SMTPError // at RCPT
	hang     chan struct{}   // closed to let DATA go on
}

type session struct {
	*server
	conn *smtp.Conn
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s, c}, nil }
func (s *session) Reset()                                       {}
func (s *session) Logout() error                                { return nil }
func (s *session) AuthMechanisms() []string                     { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if password != "secret" {
			return errors.New("wrong")
		}
		s.user = username
		return nil
	}), nil
}
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = append(s.from, from)
	_, s.secure = s.conn.TLSConnectionState()
	return nil
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return s.refuse
	}
	s.to = append(s.to, to)
	return nil
}
func (s *session) Data(r io.Reader) error {
	if s.hang != nil {
		<-s.hang
	}
	content, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, string(content))
	return err
}

// listen starts the server with a certificate of its own and returns a relay
// that trusts it.
func (s *server) listen(t *testing.T, security Security) Relay {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	mine := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	running := smtp.NewServer(s)
	running.Domain = "localhost"
	switch security {
	case TLS:
		listener = tls.NewListener(listener, mine)
	case STARTTLS:
		running.TLSConfig = mine
	default:
		running.AllowInsecureAuth = true
	}
	go func() { _ = running.Serve(listener) }()
	t.Cleanup(func() { _ = running.Close() })
	return Relay{Host: "localhost", Port: port, Security: security, TLSConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"}, Deadline: 5 * time.Second}
}

func aMessage() Message {
	return Message{
		ID: "0192d0aa-7c1e-7000-8000-000000000001", From: mail.Address{Name: "Agence Aubrelle", Address: "courrier@aubrelle.example"},
		To: mail.Address{Name: "Zoë Łukasiewicz-Œuvrard", Address: "zoe@example.test"}, ReplyTo: &mail.Address{Address: "bonjour@aubrelle.example"},
		Subject: "Un message de l’Agence Aubrelle", Text: "Bonjour,\n\nà bientôt : 60\u00a0€ ?\n.\nfin\n", HTML: "<p>Bonjour, à bientôt\u202f!</p>\n",
		Language: locale.French, At: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
	}
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	for _, security := range []Security{STARTTLS, TLS, NoTLS} {
		t.Run(string(security), func(t *testing.T) {
			s := &server{}
			relay := s.listen(t, security)
			if security != NoTLS {
				relay.Username, relay.Password = "amiable", "secret"
			}
			if err := relay.Send(context.Background(), aMessage()); err != nil {
				t.Fatal(err)
			}
			if len(s.got) != 1 || s.from[0] != "courrier@aubrelle.example" || s.to[0] != "zoe@example.test" {
				t.Fatalf("%d messages from %v to %v", len(s.got), s.from, s.to)
			}
			if (security != NoTLS) != s.secure || (security != NoTLS) != (s.user == "amiable") {
				t.Errorf("encrypted: %v, signed in as %q", s.secure, s.user)
			}
			m, err := readMail([]byte(s.got[0]))
			if err != nil {
				t.Fatal(err)
			}
			want := aMessage()
			if m.Text != want.Text || m.HTML != want.HTML || m.Subject != want.Subject || !strings.Contains(m.To, want.To.Name) || !m.At.Equal(want.At) ||
				m.Language != "fr" || m.MessageID != want.ID+"@aubrelle.example" {
				t.Errorf("it arrived as %+v", m)
			}
			parsed, err := mail.ReadMessage(strings.NewReader(s.got[0]))
			if err != nil {
				t.Fatal(err)
			}
			for header, value := range map[string]string{"Auto-Submitted": "auto-generated", "List-Unsubscribe": "", "X-Mailer": "", "Bcc": ""} {
				if parsed.Header.Get(header) != value {
					t.Errorf("%s: %q", header, parsed.Header.Get(header))
				}
			}
			for _, r := range s.got[0] {
				if r > 126 {
					t.Fatalf("%q travels unencoded", r)
				}
			}
		})
	}
}

func TestARelayThatOffersNoTLSGetsNothing(t *testing.T) {
	s := &server{}
	relay := s.listen(t, NoTLS)
	relay.Security = STARTTLS
	if err := relay.Send(context.Background(), aMessage()); !errors.Is(err, ErrUnreachable) || len(s.got)+len(s.from) != 0 {
		t.Errorf("%v, %d messages", err, len(s.got))
	}
	s = &server{}
	relay = s.listen(t, STARTTLS)
	relay.TLSConfig = nil // a certificate nobody vouches for
	if err := relay.Send(context.Background(), aMessage()); !errors.Is(err, ErrUnreachable) || len(s.got)+len(s.from) != 0 {
		t.Errorf("%v, %d messages", err, len(s.got))
	}
}

func TestWhatARelayAnswersIsTold(t *testing.T) {
	for _, row := range []struct {
		answer    *smtp.SMTPError
		temporary bool
		says      string
	}{
		{&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "zoe@example.test: later"}, true, "refused 451 4.7.1 for now"},
		{&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "zoe@example.test: unknown"}, false, "refused 550 5.1.1 for good"},
		{&smtp.SMTPError{Code: 552, EnhancedCode: smtp.NoEnhancedCode, Message: "full"}, false, "refused 552 for good"},
	} {
		s := &server{refuse: row.answer}
		err := s.listen(t, NoTLS).Send(context.Background(), aMessage())
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Temporary != row.temporary || refused.Error() != row.says {
			t.Errorf("%d: %v", row.answer.Code, err)
		}
	}
}

func TestARelayThatHangsIsLeft(t *testing.T) {
	s := &server{hang: make(chan struct{})}
	defer close(s.hang)
	relay := s.listen(t, NoTLS)
	relay.Deadline = 200 * time.Millisecond
	if err := relay.Send(context.Background(), aMessage()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a relay that hangs: %v", err)
	}
	relay.Host, relay.Port = "127.0.0.1", closedPort(t)
	if err := relay.Send(context.Background(), aMessage()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a relay that is not there: %v", err)
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestNoNameWritesAHeaderOfItsOwn(t *testing.T) {
	m := aMessage()
	m.To.Name = "Zoë\r\nBcc: all@example.test"
	m.From.Name = "Agence\nX-Evil: 1"
	m.ReplyTo.Name = "Accueil\r\n\r\n<p>"
	m.Subject = "Un message\r\nX-Evil: 2"
	var wire bytes.Buffer
	msg, err := m.mime()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := msg.WriteTo(&wire); err != nil {
		t.Fatal(err)
	}
	parsed, err := mail.ReadMessage(&wire)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Header.Get("Bcc") != "" || parsed.Header.Get("X-Evil") != "" || len(parsed.Header["To"]) != 1 {
		t.Errorf("headers: %v", parsed.Header)
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil || subject != "Un message X-Evil: 2" {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := parsed.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "zoe@example.test" || to[0].Name != "Zoë Bcc: all@example.test" {
		t.Errorf("to %v, %v", to, err)
	}
	m.To.Address = "zoe@example.test>\r\nBcc: <all@example.test"
	if _, err := m.mime(); err == nil {
		t.Error("an address with a header in it was taken")
	}
}
