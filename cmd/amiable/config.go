package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal/casefile"
	"amiable/portal/store"
)

// Settings is every setting of an installation: flag, environment variable,
// default and purpose, in one place. A flag overrules its variable.
// .env.example and compose.yaml are compared with it by a test.
type Settings struct {
	Data        string `group:"Storage" env:"AMIABLE_DATA" default:"data" placeholder:"FOLDER" help:"Folder for uploaded files, caught mail and, by default, the database."`
	DatabaseURL string `group:"Storage" env:"DATABASE_URL" placeholder:"URL" help:"postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH; by default sqlite in the data folder."`

	S3Endpoint  string `group:"Files" name:"s3-endpoint" env:"AMIABLE_S3_ENDPOINT" placeholder:"URL" help:"Keep uploaded files in S3, at this address (https://s3.example.org), in place of the data folder."`
	S3Bucket    string `group:"Files" name:"s3-bucket" env:"AMIABLE_S3_BUCKET" placeholder:"NAME" help:"The bucket: private, and there already."`
	S3Region    string `group:"Files" name:"s3-region" env:"AMIABLE_S3_REGION" default:"us-east-1" placeholder:"NAME" help:"Its region."`
	S3AccessKey string `group:"Files" name:"s3-access-key" env:"AMIABLE_S3_ACCESS_KEY" placeholder:"KEY" help:"Key that may read, write and delete in it."`
	S3SecretKey string `group:"Files" name:"s3-secret-key" env:"AMIABLE_S3_SECRET_KEY" placeholder:"TEXT" help:"Secret of that key."`
	S3PathStyle bool   `group:"Files" name:"s3-path-style" env:"AMIABLE_S3_PATH_STYLE" help:"The bucket is part of the path, not of the host: as a server of one's own wants it."`

	SealKey        string   `group:"Files" env:"AMIABLE_SEAL_KEY" placeholder:"BASE64" help:"Key that signs the files of cases: amiable seal-key makes one. Kept out of the database, like the secret."`
	SealKeysBefore []string `group:"Files" env:"AMIABLE_SEAL_KEYS_BEFORE" placeholder:"BASE64" help:"Public keys that signed before it, comma between: they stay published, and check."`

	Addr       string `group:"Web site" env:"AMIABLE_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen."`
	BaseURL    string `group:"Web site" name:"base-url" env:"AMIABLE_BASE_URL" placeholder:"URL" help:"What people type to reach the site; links in mails begin with it. By default http://ADDR."`
	Secret     string `group:"Web site" env:"AMIABLE_SECRET" placeholder:"TEXT" help:"At least 32 random bytes that every process shares and no database holds. Change it, and all links and sessions end."`
	TrustProxy bool   `group:"Web site" env:"AMIABLE_TRUST_PROXY" help:"A reverse proxy of ours sets X-Forwarded-For."`
	MaxPerWeek int    `group:"Web site" env:"AMIABLE_MAX_CONTACTS_PER_WEEK" default:"2" placeholder:"N" help:"How often a person is contacted in seven days at most, over all cases: 2 as the rules have it, or 1."`

	StripeKey           string   `group:"Stripe" env:"STRIPE_SECRET_KEY" placeholder:"sk_…" help:"Secret or restricted key of the platform's account."`
	StripeWebhookSecret []string `group:"Stripe" env:"STRIPE_WEBHOOK_SECRET" placeholder:"whsec_…" help:"Signing secrets of the webhook endpoints, comma between; several while one is rotated."`
	PaymentMethods      []string `group:"Stripe" name:"payment-methods" env:"AMIABLE_PAYMENT_METHODS" default:"card,sepa_debit" placeholder:"LIST" help:"What debtors are offered, comma between: card (always), sepa_debit where the creditor's account takes debits, paypal where it is switched on in Stripe's dashboard, customer_balance (a bank transfer to Stripe) where the account takes it."`
	StripeBaseURL       string   `group:"Stripe" name:"stripe-base-url" env:"STRIPE_BASE_URL" placeholder:"URL" help:"Another Stripe than Stripe's own: only with a test key and --stripe-sandbox."`
	StripeSandbox       bool     `group:"Stripe" env:"AMIABLE_STRIPE_SANDBOX" help:"Allow --stripe-base-url. Every page then says that no money moves."`

	RefundTwoPersonsFrom int `group:"Refunds" env:"AMIABLE_REFUND_TWO_PERSONS_FROM" default:"500" placeholder:"EUROS" help:"From this sum on two persons of the agency must say yes to a refund; 0: one is enough."`
	RefundByItselfUpTo   int `group:"Refunds" env:"AMIABLE_REFUND_BY_ITSELF_UP_TO" default:"0" placeholder:"EUROS" help:"Up to this sum what was paid too much goes back without a person's yes; 0: never."`

	SMTPHost     string `group:"Mail" name:"smtp-host" env:"SMTP_HOST" placeholder:"HOST" help:"Relay that mail is handed to."`
	SMTPPort     int    `group:"Mail" name:"smtp-port" env:"SMTP_PORT" default:"587" placeholder:"PORT" help:"Its port."`
	SMTPUser     string `group:"Mail" name:"smtp-user" env:"SMTP_USER" placeholder:"NAME" help:"User at the relay, if it wants one."`
	SMTPPassword string `group:"Mail" name:"smtp-password" env:"SMTP_PASSWORD" placeholder:"TEXT" help:"Password of that user."`
	SMTPTLS      string `group:"Mail" name:"smtp-tls" env:"SMTP_TLS" default:"starttls" enum:"starttls,tls,none" placeholder:"MODE" help:"starttls, tls or none; none only for a relay on this machine."`
	MailFrom     string `group:"Mail" env:"AMIABLE_MAIL_FROM" placeholder:"ADDRESS" help:"Address that mail is sent from; by default the agency's."`
	MailFolder   string `group:"Mail" env:"AMIABLE_MAIL_FOLDER" placeholder:"FOLDER" help:"Write mail into a folder in place of sending it. Not for production."`

	LogLevel  string `group:"Log" env:"AMIABLE_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
	LogFormat string `group:"Log" env:"AMIABLE_LOG_FORMAT" default:"text" enum:"text,json" placeholder:"FORMAT" help:"text or json. Logs never hold names, addresses, sums or links."`
}

// secretMin is the least length of the installation's secret, in bytes.
const secretMin = 32

// databaseURL is where the database is.
func (s *Settings) databaseURL() string {
	if s.DatabaseURL != "" {
		return s.DatabaseURL
	}
	return "sqlite:" + filepath.Join(s.Data, "amiable.db")
}

// databaseFile is the file of an embedded database; ok is false where it is a
// server's.
func (s *Settings) databaseFile() (path string, ok bool) {
	address := s.databaseURL()
	path = strings.TrimPrefix(address, "sqlite:")
	return path, path != address || !strings.Contains(address, "://")
}

// store is where uploaded files are kept: the data folder, or S3 where an
// address of it is set.
func (s *Settings) store() (store.Store, error) {
	if s.S3Endpoint == "" {
		return store.Folder{Path: filepath.Join(s.Data, "files")}, nil
	}
	return store.NewS3(store.Bucket{
		Endpoint: s.S3Endpoint, Name: s.S3Bucket, Region: s.S3Region, AccessKey: s.S3AccessKey, SecretKey: s.S3SecretKey, PathStyle: s.S3PathStyle,
	})
}

// baseURL is the site's address without a slash at its end.
func (s *Settings) baseURL() string {
	if s.BaseURL == "" {
		return "http://" + s.Addr
	}
	return strings.TrimRight(s.BaseURL, "/")
}

// refundRules say who says yes to a refund.
func (s *Settings) refundRules() payments.RefundRules {
	return payments.RefundRules{TwoPersonsFrom: int64(s.RefundTwoPersonsFrom) * 100, ByItselfUpTo: int64(s.RefundByItselfUpTo) * 100}
}

// secure says whether people reach the site by https.
func (s *Settings) secure() bool { return strings.HasPrefix(s.baseURL(), "https://") }

// onlyHere says whether the site is reached from this machine alone.
func (s *Settings) onlyHere() bool {
	u, err := url.Parse(s.baseURL())
	if err != nil {
		return false
	}
	return isHere(u.Hostname())
}

// webhookSecrets are the signing secrets, without blanks.
func (s *Settings) webhookSecrets() []string {
	var secrets []string
	for _, secret := range s.StripeWebhookSecret {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

// Problem is one thing that is missing or wrong, with what to do about it.
type Problem struct {
	Setting string `json:"setting"`
	Text    string `json:"text"`
}

// problems says what keeps the site from being served with these settings.
func (s *Settings) problems() []Problem {
	var found []Problem
	add := func(setting, format string, args ...any) {
		found = append(found, Problem{setting, fmt.Sprintf(format, args...)})
	}
	if len(s.Secret) < secretMin {
		add("AMIABLE_SECRET", "has %d bytes and needs at least %d: make one with `openssl rand -base64 48` and keep it", len(s.Secret), secretMin)
	}
	if u, err := url.Parse(s.baseURL()); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Path != "" {
		add("AMIABLE_BASE_URL", "%q is not an address such as https://pay.example.org", s.baseURL())
	} else if !s.secure() && !s.onlyHere() {
		add("AMIABLE_BASE_URL", "%s is not https: links, passwords and sessions would travel in the clear", s.baseURL())
	}
	if s.StripeKey == "" {
		add("STRIPE_SECRET_KEY", "is missing: take a key from Stripe's dashboard, or run `amiable demo` to look around without one")
	}
	if len(s.webhookSecrets()) == 0 {
		add("STRIPE_WEBHOOK_SECRET", "is missing: create an endpoint for %s/webhooks/stripe and take its signing secret", s.baseURL())
	}
	for _, secret := range s.webhookSecrets() {
		if !strings.HasPrefix(secret, "whsec_") {
			add("STRIPE_WEBHOOK_SECRET", "holds something that does not begin with whsec_")
		}
	}
	if most := negotiation.ContactRulesOn(negotiation.LatestDay).Most; s.MaxPerWeek < 0 || s.MaxPerWeek > most {
		add("AMIABLE_MAX_CONTACTS_PER_WEEK", "is %d: an agency may write less often than the rules let it, which is %d times, not more", s.MaxPerWeek, most)
	}
	if s.RefundTwoPersonsFrom < 0 || s.RefundByItselfUpTo < 0 || s.RefundTwoPersonsFrom > 0 && s.RefundByItselfUpTo >= s.RefundTwoPersonsFrom {
		add("AMIABLE_REFUND_BY_ITSELF_UP_TO", "is %d, and two persons must say yes from %d on: a refund that needs two cannot need none", s.RefundByItselfUpTo, s.RefundTwoPersonsFrom)
	}
	switch {
	case s.SMTPHost == "" && s.MailFolder == "":
		add("SMTP_HOST", "is missing: name the relay that mail is handed to (or AMIABLE_MAIL_FOLDER to write mail into a folder while trying out)")
	case s.SMTPHost != "" && s.SMTPTLS == "none" && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, s.SMTPHost):
		add("SMTP_TLS", "is none, and the relay %s is not on this machine: mail would travel in the clear", s.SMTPHost)
	}
	s.storeProblems(add)
	if _, err := casefile.ParseKeys(s.SealKey, nil); err != nil {
		add("AMIABLE_SEAL_KEY", "%v", err)
	}
	if _, err := casefile.ParseKeys("", s.SealKeysBefore); err != nil {
		add("AMIABLE_SEAL_KEYS_BEFORE", "holds something that is none: %v", err)
	}
	return found
}

// storeProblems says what is missing of S3, where it is asked for.
func (s *Settings) storeProblems(add func(setting, format string, args ...any)) {
	needed := []struct{ setting, value string }{
		{"AMIABLE_S3_BUCKET", s.S3Bucket}, {"AMIABLE_S3_ACCESS_KEY", s.S3AccessKey}, {"AMIABLE_S3_SECRET_KEY", s.S3SecretKey},
	}
	if s.S3Endpoint == "" {
		for _, n := range needed {
			if n.value != "" {
				add("AMIABLE_S3_ENDPOINT", "is missing, and %s is set: files would be kept in the data folder", n.setting)
				return
			}
		}
		return
	}
	u, err := url.Parse(s.S3Endpoint)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "":
		add("AMIABLE_S3_ENDPOINT", "%q is not an address such as https://s3.example.org", s.S3Endpoint)
	case u.Scheme == "http" && !isHere(u.Hostname()):
		add("AMIABLE_S3_ENDPOINT", "%s is not https: files would travel in the clear", s.S3Endpoint)
	}
	for _, n := range needed {
		if n.value == "" {
			add(n.setting, "is missing, and AMIABLE_S3_ENDPOINT is set")
		}
	}
}

// isHere says whether a host is this machine.
func isHere(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}

// refuse returns an error that lists every problem, or nil.
func refuse(doing string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "cannot %s:", doing)
	for _, p := range problems {
		fmt.Fprintf(&text, "\n  %s %s", p.Setting, p.Text)
	}
	return fmt.Errorf("%s", text.String())
}

// logger writes to standard error, so that standard output stays the
// command's.
func (s *Settings) logger() *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(s.LogLevel)) != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}
