package main

import (
	"context"
	"fmt"
	"io"

	"amiable/negotiation"
	"amiable/negotiation/banking"
)

// AccountCmd governs where transfers go.
type AccountCmd struct {
	Add  AccountAddCmd  `cmd:"" help:"Put a bank account on file, of the agency or of a creditor."`
	List AccountListCmd `cmd:"" help:"List the bank accounts."`
}

// AccountAddCmd is `amiable account add`.
type AccountAddCmd struct {
	Settings `embed:""`
	Holder   string `required:"" placeholder:"NAME" help:"The exact name of the holder: the payer's bank compares it."`
	IBAN     string `name:"iban" required:"" placeholder:"IBAN" help:"Checked by its key."`
	BIC      string `name:"bic" placeholder:"BIC" help:"May be left out inside the European Economic Area."`
	Creditor string `placeholder:"REF" help:"Whose it is; without it the agency's, for creditors' funds alone (CPCE R124-2)."`
}

// Run puts the account on file.
func (cmd *AccountAddCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	b := negotiation.BankAccount{Holder: cmd.Holder, IBAN: cmd.IBAN, BIC: cmd.BIC}
	if cmd.Creditor != "" {
		c, err := i.negotiation.CreditorByReference(ctx, cmd.Creditor)
		if err != nil {
			return err
		}
		b.CreditorID = &c.ID
	}
	made, err := i.negotiation.OpenBankAccount(ctx, operator, b)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "account %s of %s; `amiable mandate ways` says which mandates use it\n", banking.Grouped(made.IBAN), made.Holder)
	return err
}

// AccountListCmd is `amiable account list`.
type AccountListCmd struct {
	Settings `embed:""`
}

// Run lists the accounts.
func (cmd *AccountListCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	accounts, err := i.negotiation.BankAccounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		whose := "the agency's"
		if !a.OfAgency() {
			c, err := i.negotiation.Creditor(ctx, *a.CreditorID)
			if err != nil {
				return err
			}
			whose = c.Reference
		}
		if a.ClosedAt != nil {
			whose += ", out of use"
		}
		fmt.Fprintf(out, "%-34s %-40s %s\n", banking.Grouped(a.IBAN), a.Holder, whose)
	}
	return nil
}

// MandateWaysCmd is `amiable mandate ways`.
type MandateWaysCmd struct {
	Settings `embed:""`
	Creditor string `required:"" placeholder:"REF" help:"Reference of the creditor."`
	Mandate  string `required:"" placeholder:"REF" help:"Reference of the mandate."`
	IBAN     string `name:"iban" placeholder:"IBAN" help:"Where transfers go: an account on file, the creditor's own or the agency's. Without it no transfer is asked for."`
	ChequeTo string `placeholder:"NAME" help:"To whose order cheques are made out, sent to the agency. Without it none are taken."`
	Separate bool   `help:"Card money comes to the platform's account first and is transferred to the creditor's from there. Without it each payment lands on the creditor's account by itself."`
}

// Run says where the money of the mandate goes.
func (cmd *MandateWaysCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	c, err := i.negotiation.CreditorByReference(ctx, cmd.Creditor)
	if err != nil {
		return err
	}
	mandates, err := i.negotiation.Mandates(ctx, c.ID)
	if err != nil {
		return err
	}
	accounts, err := i.negotiation.BankAccounts(ctx)
	if err != nil {
		return err
	}
	ways := negotiation.WaysToPay{ChequeTo: cmd.ChequeTo, Separate: cmd.Separate}
	if cmd.IBAN != "" {
		iban, _ := banking.ParseIBAN(cmd.IBAN)
		for _, a := range accounts {
			if a.IBAN == iban {
				ways.AccountID = a.ID
			}
		}
		if ways.AccountID == "" {
			return fmt.Errorf("--iban: no account on file has this number: `amiable account add` puts it there")
		}
	}
	for _, m := range mandates {
		if m.Reference != cmd.Mandate {
			continue
		}
		if err := i.negotiation.SetWaysToPay(ctx, operator, m.ID, ways); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "mandate %s of %s: the ways to pay are set\n", m.Reference, c.Name)
		return err
	}
	return fmt.Errorf("--mandate: %s has no mandate %s", c.Name, cmd.Mandate)
}
