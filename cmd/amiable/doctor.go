package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/payments/stripe"
	"amiable/portal/store"
)

// DoctorCmd says what is missing for production: `amiable doctor`. It exits
// with an error where something is.
type DoctorCmd struct {
	Settings `embed:""`
	JSON     bool `name:"json" help:"As one JSON object."`
}

// diagnosis is what was found, in the order in which it was looked at.
type diagnosis struct {
	Problems []Problem `json:"problems"` // must be mended
	Advice   []Problem `json:"advice"`   // better otherwise
	Fine     []Problem `json:"fine"`
}

func (d *diagnosis) problem(what, format string, args ...any) {
	d.Problems = append(d.Problems, Problem{what, fmt.Sprintf(format, args...)})
}

func (d *diagnosis) advise(what, format string, args ...any) {
	d.Advice = append(d.Advice, Problem{what, fmt.Sprintf(format, args...)})
}

func (d *diagnosis) fine(what, format string, args ...any) {
	d.Fine = append(d.Fine, Problem{what, fmt.Sprintf(format, args...)})
}

// paperWarning is how long before its end a paper is told of, in days.
const paperWarning = 30

// Run looks at everything and prints what it found.
func (cmd *DoctorCmd) Run(ctx context.Context, out io.Writer) error {
	d := &diagnosis{Problems: cmd.problems(), Advice: []Problem{}, Fine: []Problem{}}
	cmd.examineSettings(d)
	cmd.examineFiles(ctx, d)
	cmd.examineSealKey(d)
	cmd.examineMail(ctx, d)
	cmd.examineStripe(ctx, d)
	cmd.examineDatabase(ctx, d)
	var err error
	if cmd.JSON {
		if d.Problems == nil {
			d.Problems = []Problem{}
		}
		err = printJSON(out, d)
	} else {
		err = d.print(out)
	}
	if err == nil && len(d.Problems) > 0 {
		return fmt.Errorf("%d problems", len(d.Problems))
	}
	return err
}

func (d *diagnosis) print(out io.Writer) error {
	for _, part := range []struct {
		mark  string
		found []Problem
	}{{"ok     ", d.Fine}, {"advice ", d.Advice}, {"PROBLEM", d.Problems}} {
		for _, p := range part.found {
			if _, err := fmt.Fprintf(out, "%s  %s %s\n", part.mark, p.Setting, p.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (cmd *DoctorCmd) examineSettings(d *diagnosis) {
	if len(cmd.Secret) >= secretMin {
		if distinct(cmd.Secret) < 16 {
			d.problem("AMIABLE_SECRET", "has only %d different characters: it was not drawn at random", distinct(cmd.Secret))
		} else {
			d.fine("AMIABLE_SECRET", "is long enough")
		}
	}
	if cmd.onlyHere() {
		d.problem("AMIABLE_BASE_URL", "%s is reached from this machine alone", cmd.baseURL())
	} else if cmd.secure() {
		d.fine("AMIABLE_BASE_URL", "is %s", cmd.baseURL())
	}
	if cmd.secure() && !cmd.TrustProxy {
		d.advise("AMIABLE_TRUST_PROXY", "is off: where a proxy brings https, all visitors have its address, and one can use up the tries of all")
	}
	if info, err := os.Stat(cmd.Data); err == nil && info.Mode().Perm()&0o077 != 0 {
		d.advise("AMIABLE_DATA", "%s can be read by others on this machine: chmod 700", filepath.Clean(cmd.Data))
	}
}

// examineFiles writes to the store of files and reads back.
func (cmd *DoctorCmd) examineFiles(ctx context.Context, d *diagnosis) {
	setting, place := "AMIABLE_DATA", filepath.Join(cmd.Data, "files")
	if cmd.S3Endpoint != "" {
		setting, place = "AMIABLE_S3_ENDPOINT", "the bucket "+cmd.S3Bucket
		if cmd.S3Bucket == "" {
			return // said already
		}
	}
	kept, err := cmd.store()
	if err != nil {
		d.problem(setting, "%v", err)
		return
	}
	asking, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := store.Check(asking, kept); err != nil {
		d.problem(setting, "%s %v", place, err)
		return
	}
	d.fine(setting, "%s can be written and read", place)
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

func (cmd *DoctorCmd) examineMail(ctx context.Context, d *diagnosis) {
	if cmd.MailFolder != "" {
		d.problem("AMIABLE_MAIL_FOLDER", "is set: mail is written into %s and reaches nobody", cmd.MailFolder)
		return
	}
	if cmd.SMTPHost == "" {
		return // said already
	}
	address := net.JoinHostPort(cmd.SMTPHost, strconv.Itoa(cmd.SMTPPort))
	dialling, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	connection, err := new(net.Dialer).DialContext(dialling, "tcp", address)
	if err != nil {
		d.problem("SMTP_HOST", "%s does not answer: %v", address, err)
		return
	}
	defer connection.Close()
	_ = connection.SetReadDeadline(time.Now().Add(5 * time.Second))
	if cmd.SMTPTLS != "tls" { // with TLS the relay waits for us to speak first
		greeting := make([]byte, 3)
		if _, err := io.ReadFull(connection, greeting); err != nil || string(greeting) != "220" {
			d.problem("SMTP_HOST", "what answers at %s is no mail relay", address)
			return
		}
	}
	d.fine("SMTP_HOST", "%s answers", address)
}

func (cmd *DoctorCmd) examineStripe(ctx context.Context, d *diagnosis) {
	if cmd.StripeKey == "" {
		return // said already
	}
	gateway, err := stripe.New(stripe.Config{Key: cmd.StripeKey, WebhookSecrets: cmd.webhookSecrets(), BaseURL: cmd.StripeBaseURL, OwnSandbox: cmd.StripeSandbox})
	if err != nil {
		d.problem("STRIPE_SECRET_KEY", "%v", err)
		return
	}
	switch {
	case cmd.StripeBaseURL != "":
		d.problem("STRIPE_BASE_URL", "is not Stripe's: no money moves")
	case !gateway.Live():
		d.problem("STRIPE_SECRET_KEY", "is a test key: no money moves")
	default:
		d.fine("STRIPE_SECRET_KEY", "is a live key")
	}
	asking, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	problems, err := gateway.CheckEndpoints(asking, cmd.baseURL()+"/webhooks/stripe")
	if err != nil {
		d.problem("STRIPE_SECRET_KEY", "does not get an answer: %v", err)
		return
	}
	for _, p := range problems {
		d.problem("STRIPE_WEBHOOK_SECRET", "%s", p)
	}
	if len(problems) == 0 {
		d.fine("STRIPE_WEBHOOK_SECRET", "belongs to an endpoint of API version %s", stripe.APIVersion)
	}
}

func (cmd *DoctorCmd) examineDatabase(ctx context.Context, d *diagnosis) {
	i, err := open(ctx, cmd.Settings)
	switch {
	case errors.Is(err, errNoDatabase):
		d.problem("agency", "is not founded: %v", err)
		return
	case err != nil:
		d.problem("DATABASE_URL", "%v", err)
		return
	}
	defer i.Close()
	if i.db.Dialect() == database.SQLite {
		d.advise("DATABASE_URL", "is SQLite: good for one process on one machine; several need postgres://… (serve --no-jobs and --only-jobs are several)")
	} else {
		d.fine("DATABASE_URL", "is PostgreSQL, up to date")
	}
	if i.demo {
		d.problem("DATABASE_URL", "is a demo's: its clock was moved")
	}
	for _, examine := range []func(context.Context, *diagnosis) error{i.examineAgency, i.examineCreditors, i.examineWork} {
		if err := examine(ctx, d); err != nil {
			d.problem("DATABASE_URL", "%v", err)
		}
	}
}

func (i *installation) examineAgency(ctx context.Context, d *diagnosis) error {
	agency, err := i.negotiation.Agency(ctx)
	if negotiation.AsRefusal(err) != nil {
		d.problem("agency", "is not founded: amiable agency found --help")
		return nil
	} else if err != nil {
		return err
	}
	today, err := i.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	for _, kind := range agency.MissingPapers(today) {
		d.problem("agency", "its paper %q is missing or expired (CPCE R124-2): nothing may be asked of anybody; amiable agency paper", kind)
	}
	for _, p := range agency.Papers {
		if !p.ValidUntil.IsZero() && !today.After(p.ValidUntil) && p.ValidUntil.Sub(today) <= paperWarning {
			d.advise("agency", "its paper %q ends on %s", p.Kind, p.ValidUntil)
		}
	}
	for _, printed := range []struct{ what, value string }{
		{"city", agency.City}, {"phone", agency.Phone}, {"hours", agency.Hours}, {"agent's name", agency.AgentName},
	} {
		if printed.value == "" {
			d.advise("agency", "has no %s: pages and letters name it", printed.what)
		}
	}
	return nil
}

func (i *installation) examineCreditors(ctx context.Context, d *diagnosis) error {
	if err := i.withGateway(); err != nil {
		return nil // the key was complained about already
	}
	creditors, err := i.negotiation.Creditors(ctx)
	if err != nil {
		return err
	}
	today, err := i.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	for _, c := range creditors {
		mandates, err := i.negotiation.Mandates(ctx, c.ID)
		if err != nil {
			return err
		}
		inForce := false
		for n := range mandates {
			inForce = inForce || mandates[n].InForce(today)
		}
		if !inForce {
			d.advise("creditor "+c.Reference, "has no mandate in force: nothing may be asked of its debtors")
		}
		account, err := i.payments.AccountOf(ctx, c.ID)
		if err != nil {
			return err
		}
		if account == nil || !account.ChargesEnabled {
			d.advise("creditor "+c.Reference, "takes no cards: amiable creditor account %s", c.Reference)
		}
		if c.Email == "" {
			d.advise("creditor "+c.Reference, "has no mail address to be told of payments (CPCE R124-5)")
		}
	}
	return nil
}

func (i *installation) examineWork(ctx context.Context, d *diagnosis) error {
	if i.payments == nil {
		return nil
	}
	waiting, err := i.payments.WaitingNotifications(ctx, 100)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		d.problem("work", "%d notifications of Stripe could not be applied; the oldest: %s", len(waiting), waiting[0].Problem)
	}
	now, err := i.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	due, err := i.negotiation.LettersDue(ctx, 100)
	if err != nil {
		return err
	}
	if len(due) > 0 && now.Sub(due[0].DueAt) > time.Hour {
		d.problem("work", "%d letters wait, the oldest since %s: does `amiable serve` run with its jobs?", len(due), due[0].DueAt.Format(time.RFC3339))
	}
	return nil
}
