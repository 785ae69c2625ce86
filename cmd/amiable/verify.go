package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"amiable/negotiation"
	"amiable/portal/access"
)

// MigrateCmd brings the database up to date: `amiable migrate`.
type MigrateCmd struct {
	Settings `embed:""`
}

// Run opens the database, which migrates it, and makes it where there is none.
func (cmd *MigrateCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := create(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	_, err = fmt.Fprintf(out, "the %s database is up to date\n", i.db.Dialect())
	return err
}

// VerifyCmd checks everything that must always hold: `amiable verify`; or the
// signed file of a case, which needs no database: `amiable verify FILE.zip`. It
// exits with an error on any break.
type VerifyCmd struct {
	Settings `embed:""`
	File     string   `arg:"" optional:"" placeholder:"FILE.zip" help:"The file of a case; without it, the database is checked."`
	Key      []string `placeholder:"KEY" help:"Key that one trusts: base64, or the name of a PEM file. By default those of the settings, else the one in the file."`
	Head     string   `placeholder:"DIGITS" help:"The sixteen digits at the foot of a receipt, an agreement or an outcome letter: say of which act they are."`
	JSON     bool     `name:"json" help:"As one JSON object."`
}

// Run checks and prints each invariant with its counts.
func (cmd *VerifyCmd) Run(ctx context.Context, out io.Writer) error {
	if cmd.File != "" {
		return cmd.verifyFile(out)
	}
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	invariants, err := i.verify(ctx)
	if err != nil {
		return err
	}
	broken := 0
	for _, check := range invariants {
		broken += len(check.Breaks)
	}
	if cmd.JSON {
		err = printJSON(out, map[string]any{"holds": broken == 0, "invariants": invariants})
	} else {
		err = printInvariants(out, invariants)
	}
	if err == nil && broken > 0 {
		return errBroken
	}
	return err
}

var errBroken = errors.New("what must always hold does not: see above")

// verify checks the invariants of every package, in the order of the arrow.
func (i *installation) verify(ctx context.Context) ([]negotiation.Invariant, error) {
	ours, err := i.negotiation.Verify(ctx)
	if err != nil {
		return nil, err
	}
	theirs, err := i.payments.Verify(ctx)
	if err != nil {
		return nil, err
	}
	// What must hold of the door can be seen without its secret.
	door, err := access.New(i.negotiation, access.Config{Keys: access.Keys{Secret: make([]byte, secretMin)}})
	if err != nil {
		return nil, err
	}
	doors, err := door.Verify(ctx)
	if err != nil {
		return nil, err
	}
	if err := i.withFiles(); err != nil {
		return nil, err
	}
	files, err := i.files.Verify(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(ours, theirs, doors, files)
	for n := range all {
		if all[n].Breaks == nil {
			all[n].Breaks = []string{}
		}
	}
	return all, nil
}

func printInvariants(out io.Writer, invariants []negotiation.Invariant) error {
	for _, check := range invariants {
		verdict := "ok    "
		if len(check.Breaks) > 0 {
			verdict = "BROKEN"
		}
		if _, err := fmt.Fprintf(out, "%s %8d  %s\n", verdict, check.Checked, check.Name); err != nil {
			return err
		}
		for _, b := range check.Breaks {
			if _, err := fmt.Fprintf(out, "                 - %s\n", b); err != nil {
				return err
			}
		}
	}
	return nil
}

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
