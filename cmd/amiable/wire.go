package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"sync/atomic"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/payments"
	"amiable/payments/stripe"
	"amiable/portal"
	"amiable/portal/access"
	"amiable/portal/casefile"
	"amiable/portal/outreach"
)

// installation is everything that runs, built in the order of the arrow. A
// command opens as much of it as it needs.
type installation struct {
	settings Settings
	log      *slog.Logger
	db       *database.DB
	clock    negotiation.Clock
	demo     bool // the product's clock is a row that somebody moves

	negotiation *negotiation.Service
	gateway     payments.Gateway
	live        bool
	payments    *payments.Service
	access      *access.Service
	outreach    *outreach.Outreach
	files       portal.Files
	work        atomic.Pointer[runner] // once it runs
}

// migrations are all schemas, in the order of the arrow; River's own follow.
var migrations = []database.Migrations{negotiation.Migrations, payments.Migrations, access.Migrations}

// errNoDatabase says that an embedded database was never made.
var errNoDatabase = errors.New("there is no database")

// open opens an installation that is there already: a mistyped folder must not
// look like an empty one.
func open(ctx context.Context, s Settings) (*installation, error) {
	if path, ok := s.databaseFile(); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%w at %s: name its folder with --data, or begin with `amiable agency found`", errNoDatabase, path)
		}
	}
	return create(ctx, s)
}

// create opens the database, making it where there is none, brings its schema
// up to date and builds what needs no secret and no gateway: what is owed.
func create(ctx context.Context, s Settings) (*installation, error) {
	db, err := database.Open(ctx, s.databaseURL())
	if err != nil {
		return nil, err
	}
	i := &installation{settings: s, log: s.logger(), db: db}
	if err := i.start(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return i, nil
}

func (i *installation) start(ctx context.Context) error {
	if err := migrate(ctx, i.db); err != nil {
		return err
	}
	var moved int64
	if err := i.db.Read(ctx).Table("clock").Count(&moved).Error; err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	i.demo, i.clock = moved > 0, negotiation.WallClock{}
	if i.demo {
		i.clock = negotiation.RowClock{DB: i.db}
	}
	i.negotiation = negotiation.New(i.db, i.clock)
	i.negotiation.LimitContacts(i.settings.MaxPerWeek)
	return nil
}

// withGateway adds payments. Without a key the gateway is one that answers
// nothing: what was paid can be looked at, nothing can be collected.
func (i *installation) withGateway() error {
	s := i.settings
	i.gateway = noGateway{}
	if s.StripeKey != "" {
		gateway, err := stripe.New(stripe.Config{
			Key: s.StripeKey, WebhookSecrets: s.webhookSecrets(), BaseURL: s.StripeBaseURL, OwnSandbox: s.StripeSandbox,
		})
		if err != nil {
			return err
		}
		i.gateway, i.live = gateway, gateway.Live()
	}
	if i.live && i.demo {
		return errors.New("this database belongs to a demo (its clock was moved): it takes no live Stripe key")
	}
	i.payments = payments.New(i.negotiation, i.gateway, s.baseURL(), i.live)
	i.payments.SetRefundRules(s.refundRules())
	return i.payments.Offer(s.PaymentMethods)
}

// withAccess adds the door: links, users, sessions. It needs the secret.
func (i *installation) withAccess() error {
	if len(i.settings.Secret) < secretMin {
		return refuse("do this", secretProblem(&i.settings))
	}
	service, err := access.New(i.negotiation, access.Config{
		Keys: access.Keys{Secret: []byte(i.settings.Secret)}, BaseURL: i.settings.baseURL(),
	})
	i.access = service
	return err
}

func secretProblem(s *Settings) []Problem {
	for _, p := range s.problems() {
		if p.Setting == "AMIABLE_SECRET" {
			return []Problem{p}
		}
	}
	return nil
}

// openAll opens everything that pages and jobs need.
func openAll(ctx context.Context, s Settings) (*installation, error) {
	i, err := open(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(i.withFiles(), i.withGateway(), i.withAccess()); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	if err := i.withOutreach(ctx); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// withFiles adds the store of what people upload.
func (i *installation) withFiles() error {
	kept, err := i.settings.store()
	i.files = portal.Files{Store: kept, DB: i.db}
	return err
}

// site builds the pages.
func (i *installation) site(demo portal.Demo) (*portal.Server, error) {
	keys, err := casefile.ParseKeys(i.settings.SealKey, i.settings.SealKeysBefore)
	if err != nil {
		return nil, fmt.Errorf("AMIABLE_SEAL_KEY: %w", err)
	}
	return portal.New(portal.Config{
		BaseURL: i.settings.baseURL(), PaymentsURL: i.paymentsURL(), Banner: i.banner(), TrustProxy: i.settings.TrustProxy,
		Log: i.log, Files: i.files, SealKeys: keys, Demo: demo, Nudge: i.nudge, Jobs: i,
	}, i.negotiation, i.payments, i.access)
}

// nudge asks for letters now, after something of which they may tell.
func (i *installation) nudge() {
	if work := i.work.Load(); work != nil {
		work.Nudge()
	}
}

// paymentsURL is where the gateway's pages are.
func (i *installation) paymentsURL() string {
	if i.settings.StripeBaseURL != "" {
		return i.settings.StripeBaseURL
	}
	return "https://checkout.stripe.com"
}

// banner names what every page must say where money is not real.
func (i *installation) banner() string {
	switch {
	case i.live:
		return ""
	case i.settings.StripeBaseURL != "":
		return "sandbox"
	}
	return "test"
}

// Close ends the connections.
func (i *installation) Close() error { return i.db.Close() }

// operator is who acts when somebody uses the command line: a person with the
// keys of the machine.
var operator = negotiation.Actor{Role: negotiation.RoleSystem, ID: "command-line", Name: "Amiable (command line)"}

// Any numbers that nobody else locks: "amiable" and "letters" in ASCII.
const (
	migrationLock int64 = 0x616d6961626c65
	letterLock    int64 = 0x6c657474657273
)

// onAdvisoryLock runs do while no other process of this database does. SQLite
// has one machine and, but for a moment at start, one process: nothing to lock.
func onAdvisoryLock(ctx context.Context, db *database.DB, lock int64, do func() error) error {
	if db.Dialect() != database.Postgres {
		return do()
	}
	connection, err := db.Pool().Conn(ctx)
	if err != nil {
		return fmt.Errorf("advisory lock: %w", err)
	}
	defer connection.Close()
	if _, err := connection.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lock); err != nil {
		return fmt.Errorf("advisory lock: %w", err)
	}
	defer func() {
		// A connection that cannot be unlocked is closed, which unlocks it.
		if _, err := connection.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lock); err != nil {
			discard(connection)
		}
	}()
	return do()
}

// discard closes a connection for good, with all that it holds on the server.
func discard(connection *sql.Conn) {
	_ = connection.Raw(func(any) error { return driver.ErrBadConn })
	_ = connection.Close()
}

// migrate brings all schemas up to date, ours in the order of the arrow, then
// River's, under one lock.
func migrate(ctx context.Context, db *database.DB) error {
	return onAdvisoryLock(ctx, db, migrationLock, func() error {
		if err := db.Migrate(ctx, migrations...); err != nil {
			return err
		}
		return migrateRiver(ctx, db)
	})
}

// withOutreach adds letters. Whose mail it is must be known: the setting, or
// the agency's address.
func (i *installation) withOutreach(ctx context.Context) error {
	s := i.settings
	agency, err := i.negotiation.Agency(ctx)
	if negotiation.AsRefusal(err) != nil {
		return errors.New("no agency is founded yet: begin with `amiable agency found --help`")
	} else if err != nil {
		return err
	}
	from := s.MailFrom
	if from == "" {
		from = agency.Email
	}
	if from == "" {
		return errors.New("AMIABLE_MAIL_FROM is missing, and the agency has no mail address")
	}
	var mailer outreach.Mailer = outreach.Relay{
		Host: s.SMTPHost, Port: s.SMTPPort, Security: outreach.Security(s.SMTPTLS), Username: s.SMTPUser, Password: s.SMTPPassword,
	}
	if s.MailFolder != "" {
		if mailer, err = outreach.NewOutbox(s.MailFolder); err != nil {
			return err
		}
	}
	i.outreach, err = outreach.New(i.negotiation, outreach.Config{
		Mailer: mailer, Links: i.access, BaseURL: s.baseURL(), From: mail.Address{Address: from}, Log: i.log,
	})
	return err
}
