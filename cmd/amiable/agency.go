package main

import (
	"context"
	"fmt"
	"io"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/placement"
)

// AgencyCmd founds the agency of this installation and keeps its papers.
type AgencyCmd struct {
	Found AgencyFoundCmd `cmd:"" help:"Found the agency. There is one per installation."`
	Paper AgencyPaperCmd `cmd:"" help:"Put one of the papers on file that the law wants before anything is collected for others (CPCE R124-2)."`
	Show  AgencyShowCmd  `cmd:"" help:"Print the agency and its papers."`
}

// AgencyFoundCmd is `amiable agency found`.
type AgencyFoundCmd struct {
	Settings  `embed:""`
	Name      string `required:"" placeholder:"NAME" help:"As the register has it."`
	Kind      string `default:"third_party" enum:"third_party,in_house,regulated" placeholder:"KIND" help:"third_party (collects for others), in_house or regulated: it decides which law applies."`
	SIREN     string `name:"siren" placeholder:"9 DIGITS" help:"Checked by its key."`
	Street    string `placeholder:"TEXT" help:"Address, as it stands on letters."`
	Postcode  string `placeholder:"TEXT" help:"Postcode."`
	City      string `placeholder:"TEXT" help:"Town."`
	Country   string `default:"FR" placeholder:"CC" help:"Country, two letters."`
	Phone     string `placeholder:"NUMBER" help:"At which a person answers."`
	Hours     string `placeholder:"TEXT" help:"When the phone is answered, as it is to be printed."`
	Email     string `required:"" placeholder:"ADDRESS" help:"Mailbox of the agency: debtors write to it, agents are told there what waits."`
	Language  string `default:"fr" enum:"fr,en" placeholder:"LANG" help:"Of the mails to that mailbox: fr or en."`
	AgentName string `placeholder:"NAME" help:"Who signs the messages to debtors."`
}

// Run founds the agency.
func (cmd *AgencyFoundCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := create(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	a, err := i.negotiation.FoundAgency(ctx, operator, negotiation.Agency{
		Name: cmd.Name, CollectorKind: negotiation.CollectorKind(cmd.Kind), SIREN: placement.Key(cmd.SIREN), Street: cmd.Street, Postcode: cmd.Postcode,
		City: cmd.City, Country: cmd.Country, Phone: cmd.Phone, Hours: cmd.Hours, Email: cmd.Email, Language: cmd.Language, AgentName: cmd.AgentName,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is founded\n", a.Name)
	return err
}

// AgencyPaperCmd is `amiable agency paper`.
type AgencyPaperCmd struct {
	Settings  `embed:""`
	Kind      string  `required:"" enum:"insurance,account,declaration" placeholder:"KIND" help:"insurance (liability policy), account (bank account for creditors' money only) or declaration (to the public prosecutor)."`
	Reference string  `required:"" placeholder:"TEXT" help:"What is written on it: insurer and policy, IBAN, court and date."`
	From      day.Day `required:"" placeholder:"YYYY-MM-DD" help:"First day that it is good for."`
	Until     day.Day `placeholder:"YYYY-MM-DD" help:"Last day; none: until further notice."`
	File      string  `type:"existingfile" placeholder:"FILE" help:"The paper itself; it is kept by its hash."`
}

// Run files the paper.
func (cmd *AgencyPaperCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	hash, err := i.keepFile(ctx, cmd.File)
	if err != nil {
		return err
	}
	p, err := i.negotiation.FilePaper(ctx, operator, negotiation.Paper{
		Kind: negotiation.PaperKind(cmd.Kind), Reference: cmd.Reference, ValidFrom: cmd.From, ValidUntil: cmd.Until, FileHash: hash,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s on file: %s\n", p.Kind, p.Reference)
	return err
}

// AgencyShowCmd is `amiable agency show`.
type AgencyShowCmd struct {
	Settings `embed:""`
}

// Run prints the agency.
func (cmd *AgencyShowCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	a, err := i.negotiation.Agency(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s (%s), %s\n", a.Name, a.CollectorKind, a.Email)
	for _, p := range a.Papers {
		until := "until further notice"
		if !p.ValidUntil.IsZero() {
			until = "until " + string(p.ValidUntil)
		}
		fmt.Fprintf(out, "  %-12s %s, from %s %s\n", p.Kind, p.Reference, p.ValidFrom, until)
	}
	today, err := i.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	for _, kind := range a.MissingPapers(today) {
		fmt.Fprintf(out, "  %-12s missing: nothing may be asked of anybody\n", kind)
	}
	return nil
}
