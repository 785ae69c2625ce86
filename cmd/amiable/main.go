// Command amiable is the whole product in one binary: the web site, the
// background work behind it, and what an operator does from a shell. main.go
// lists the commands, config.go the settings, wire.go builds the services in
// the order of the arrow, jobs.go lists what runs by itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"amiable/negotiation"
	"amiable/portal/locale"
)

// CLI is every command.
type CLI struct {
	Demo  DemoCmd  `cmd:"" help:"Serve the whole product with an invented world and a Stripe of its own. Needs nothing."`
	Serve ServeCmd `cmd:"" help:"Serve the site and do the background work."`

	Agency   AgencyCmd   `cmd:"" help:"Found the agency of this installation and put its papers on file."`
	Creditor CreditorCmd `cmd:"" help:"Take creditors on."`
	Mandate  MandateCmd  `cmd:"" help:"Record signed mandates."`
	Account  AccountCmd  `cmd:"" help:"Put bank accounts on file."`
	User     UserCmd     `cmd:"" help:"Invite and govern users."`

	Import      ImportCmd      `cmd:"" help:"Place a creditor's file of claims, or book a bank's statement."`
	Letters     LettersCmd     `cmd:"" help:"Make, print and post first letters."`
	FirstLetter FirstLetterCmd `cmd:"" help:"Record first letters that were sent by other means."`
	Link        LinkCmd        `cmd:"" help:"Send debtors their way in."`
	Withdraw    WithdrawCmd    `cmd:"" help:"Take cases back on their creditor's word."`
	Export      ExportCmd      `cmd:"" help:"Print a whole case."`
	Statement   StatementCmd   `cmd:"" help:"Explain what a claim comes to, line by line. Needs no database."`

	Rates RatesCmd `cmd:"" help:"Show and enter the published rates of interest."`

	Sandbox SandboxCmd `cmd:"" help:"Serve a Stripe of our own: no card is real in it and no money moves."`

	Migrate MigrateCmd `cmd:"" help:"Bring the database up to date. Every command that opens it does so too."`
	Verify  VerifyCmd  `cmd:"" help:"Check everything that must always hold, or the signed file of a case."`
	SealKey SealKeyCmd `cmd:"" help:"Make a key that signs the files of cases, or show the public half of one."`
	Doctor  DoctorCmd  `cmd:"" help:"Say what is missing for production."`
	Version VersionCmd `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "amiable:", sentence(err))
		os.Exit(exitCode(err))
	}
}

// run parses and carries out one command line.
func run(ctx context.Context, args []string, out, report io.Writer) error {
	var cli CLI
	var left *int // what kong wanted to exit with, after printing help
	parser, err := kong.New(&cli,
		kong.Name("amiable"),
		kong.Description("A portal on which debtors and creditors settle what is owed, amicably.\n\nTo look around: amiable demo. Settings are flags or environment variables: amiable serve --help."),
		kong.Writers(out, report),
		kong.Exit(func(code int) { left = &code }),
		kong.ValueFormatter(helpOf),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(out, (*io.Writer)(nil)),
	)
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if left != nil {
		return nil
	}
	if err != nil {
		return &usageError{err}
	}
	return command.Run()
}

// helpOf says what a setting is for, what it is without being given, and which
// variable gives it.
func helpOf(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if !v.HasDefault || v.Default == "" || v.IsBool() {
		return help
	}
	return strings.TrimSuffix(help, ".") + fmt.Sprintf(" [%s].", v.Default)
}

// usageError is a command line that cannot be read.
type usageError struct{ err error }

func (e *usageError) Error() string {
	return e.err.Error() + " (see --help)"
}

func (e *usageError) Unwrap() error { return e.err }

// Exit codes: 1 for what failed or was refused, 2 for a wrong command line.
func exitCode(err error) int {
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// sentence says what a refusal means, in words; a fault speaks for itself.
func sentence(err error) string {
	refusal := negotiation.AsRefusal(err)
	if refusal == nil {
		return err.Error()
	}
	var text strings.Builder
	if refusal.Field != "" {
		fmt.Fprintf(&text, "%s: ", strings.ReplaceAll(refusal.Field, "_", " "))
	}
	var facts []any
	for name, value := range refusal.Facts {
		facts = append(facts, name, value)
	}
	if key := "refusal." + refusal.Code; locale.English.Has(key) {
		text.WriteString(locale.English.T(key, facts...))
	} else {
		text.WriteString(strings.ReplaceAll(refusal.Code, "_", " "))
	}
	for _, reason := range refusal.Reasons {
		fmt.Fprintf(&text, " [%s]", inWords(reason))
	}
	return text.String()
}

// inWords says why a gate is closed, as the agents' pages do.
func inWords(reason negotiation.Reason) string {
	if key := "hold." + string(reason); locale.English.Has(key) {
		return locale.English.T(key)
	}
	return strings.ReplaceAll(string(reason), "_", " ")
}
