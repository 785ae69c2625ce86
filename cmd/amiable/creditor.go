package main

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/negotiation/placement"
)

// CreditorCmd takes creditors on.
type CreditorCmd struct {
	Add     CreditorAddCmd     `cmd:"" help:"Take a creditor on."`
	List    CreditorListCmd    `cmd:"" help:"List the creditors."`
	Account CreditorAccountCmd `cmd:"" help:"Open or name the account at Stripe that a creditor's payments go to."`
}

// CreditorAddCmd is `amiable creditor add`.
type CreditorAddCmd struct {
	Settings      `embed:""`
	Reference     string `required:"" placeholder:"REF" help:"As its files name it, such as CRE-001."`
	Name          string `required:"" placeholder:"NAME" help:"As the register has it."`
	Kind          string `default:"business" enum:"business,individual" placeholder:"KIND" help:"business or individual: it decides the legal rate."`
	SIREN         string `name:"siren" placeholder:"9 DIGITS" help:"Checked by its key; needed of a French business."`
	Street        string `placeholder:"TEXT" help:"Address."`
	Postcode      string `placeholder:"TEXT" help:"Postcode."`
	City          string `placeholder:"TEXT" help:"Town."`
	Country       string `default:"FR" placeholder:"CC" help:"Country, two letters."`
	Email         string `placeholder:"ADDRESS" help:"Where it is told of every payment."`
	Language      string `default:"fr" enum:"fr,en" placeholder:"LANG" help:"Of the mails to it: fr or en."`
	Phone         string `placeholder:"NUMBER" help:"Phone."`
	SecondCheck   string `default:"postcode" enum:"postcode,invoice_number,mailed_code" placeholder:"CHECK" help:"What a link asks of its debtors: postcode, invoice_number or mailed_code."`
	PartMinimum   string `placeholder:"20.00" help:"Least part payment in euros; without it only the whole may be paid."`
	StripeAccount string `placeholder:"acct_…" help:"Its connected account, if it has one already. To open one: amiable creditor account."`
}

// Run adds the creditor.
func (cmd *CreditorAddCmd) Run(ctx context.Context, out io.Writer) error {
	var least *int64
	if cmd.PartMinimum != "" {
		amount, err := parseEuros(cmd.PartMinimum)
		if err != nil {
			return fmt.Errorf("--part-minimum: %w", err)
		}
		least = &amount.Minor
	}
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	c, err := i.negotiation.AddCreditor(ctx, operator, negotiation.Creditor{
		Reference: cmd.Reference, Name: cmd.Name, Kind: negotiation.CreditorKind(cmd.Kind), SIREN: placement.Key(cmd.SIREN), Street: cmd.Street,
		Postcode: cmd.Postcode, City: cmd.City, Country: cmd.Country, Email: cmd.Email, Language: cmd.Language, Phone: cmd.Phone,
		SecondCheck: negotiation.SecondCheck(cmd.SecondCheck), PartPaymentMinimum: least,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "creditor %s: %s\n", c.Reference, c.Name)
	if cmd.StripeAccount == "" {
		return nil
	}
	if err := i.nameAccount(ctx, out, c.ID, cmd.StripeAccount); err != nil {
		return fmt.Errorf("the creditor is added, its account is not (try again with `amiable creditor account`): %w", err)
	}
	return nil
}

// CreditorListCmd is `amiable creditor list`.
type CreditorListCmd struct {
	Settings `embed:""`
}

// Run lists the creditors.
func (cmd *CreditorListCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	creditors, err := i.negotiation.Creditors(ctx)
	if err != nil {
		return err
	}
	for _, c := range creditors {
		account, err := i.payments.AccountOf(ctx, c.ID)
		if err != nil {
			return err
		}
		card := "no account for cards"
		if account != nil {
			card = account.AccountID + ", takes cards"
			if !account.ChargesEnabled {
				card = account.AccountID + ", takes no cards yet: " + strings.Join(account.Missing(), ", ")
			}
		}
		fmt.Fprintf(out, "%-12s %-40s %s\n", c.Reference, c.Name, card)
	}
	return nil
}

// CreditorAccountCmd is `amiable creditor account`.
type CreditorAccountCmd struct {
	Settings      `embed:""`
	Creditor      string `arg:"" placeholder:"REF" help:"Reference of the creditor."`
	StripeAccount string `placeholder:"acct_…" help:"Name an account that exists; without it one is opened."`
}

// Run names an account, or opens one and prints where the creditor says who it
// is.
func (cmd *CreditorAccountCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	c, err := i.negotiation.CreditorByReference(ctx, cmd.Creditor)
	if err != nil {
		return err
	}
	if cmd.StripeAccount != "" {
		return i.nameAccount(ctx, out, c.ID, cmd.StripeAccount)
	}
	address, err := i.payments.OpenAccount(ctx, operator, c.ID, "/creditor/connect")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "to be filled in by %s, good for some minutes:\n%s\n", c.Name, address)
	return err
}

func (i *installation) nameAccount(ctx context.Context, out io.Writer, creditorID, accountID string) error {
	account, err := i.payments.NameAccount(ctx, operator, creditorID, accountID)
	if err != nil {
		return err
	}
	if account.ChargesEnabled {
		_, err = fmt.Fprintf(out, "%s takes cards\n", account.AccountID)
	} else {
		_, err = fmt.Fprintf(out, "%s takes no cards yet; Stripe asks for: %s\n", account.AccountID, strings.Join(account.Missing(), ", "))
	}
	return err
}

// MandateCmd records signed mandates.
type MandateCmd struct {
	Add  MandateAddCmd  `cmd:"" help:"Record a mandate that a creditor signed (CPCE R124-3)."`
	Ways MandateWaysCmd `cmd:"" help:"Say which way money under a mandate takes: transfers, cheques, cards."`
}

// MandateAddCmd is `amiable mandate add`.
type MandateAddCmd struct {
	Settings     `embed:""`
	Creditor     string  `required:"" placeholder:"REF" help:"Reference of the creditor."`
	Reference    string  `required:"" placeholder:"REF" help:"Of the mandate, as files of claims name it."`
	SignedOn     day.Day `required:"" placeholder:"YYYY-MM-DD" help:"Day of signature."`
	ValidUntil   day.Day `placeholder:"YYYY-MM-DD" help:"Last day; none: until revoked."`
	Scope        string  `required:"" placeholder:"TEXT" help:"What may be collected."`
	Proof        string  `placeholder:"TEXT" help:"Where the signed document is."`
	File         string  `type:"existingfile" placeholder:"FILE" help:"The signed document; it is kept by its hash."`
	FeePercent   string  `required:"" placeholder:"10" help:"Fee on what is collected, in per cent."`
	FeeOn        string  `default:"all" enum:"all,principal" placeholder:"BASE" help:"all (interest and indemnity too) or principal."`
	FeeMinimum   string  `placeholder:"5.00" help:"Least fee per payment, in euros."`
	VATPercent   string  `name:"vat-percent" default:"20" placeholder:"20" help:"VAT on the fee, in per cent."`
	FeeInvoiced  bool    `help:"The fee is invoiced; without this it is kept back from each payment by card."`
	PlanInterest bool    `help:"Interest runs on during plans; without this the creditor waives it."`
	RestWaived   string  `default:"1.00" placeholder:"1.00" help:"A smaller rest is waived, never asked, in euros."`
	NoRestWaived bool    `help:"No rest is waived."`
}

// Run records the mandate.
func (cmd *MandateAddCmd) Run(ctx context.Context, out io.Writer) error {
	m := negotiation.Mandate{
		Reference: cmd.Reference, SignedOn: cmd.SignedOn, ValidUntil: cmd.ValidUntil, Scope: cmd.Scope, Proof: cmd.Proof,
		FeeOn: negotiation.FeeBasis(cmd.FeeOn), FeeWithheld: !cmd.FeeInvoiced, InterestWaivedInPlans: !cmd.PlanInterest,
	}
	var err error
	if m.FeeBasisPoints, err = parsePercent(cmd.FeePercent); err != nil {
		return fmt.Errorf("--fee-percent: %w", err)
	}
	if m.VATBasisPoints, err = parsePercent(cmd.VATPercent); err != nil {
		return fmt.Errorf("--vat-percent: %w", err)
	}
	for _, sum := range []struct {
		flag, typed string
		into        *int64
	}{{"fee-minimum", cmd.FeeMinimum, &m.FeeMinimum}, {"rest-waived", cmd.RestWaived, &m.RestWaivedBelow}} {
		if sum.typed == "" || (sum.flag == "rest-waived" && cmd.NoRestWaived) {
			continue
		}
		var amount money.Amount
		if amount, err = parseEuros(sum.typed); err != nil {
			return fmt.Errorf("--%s: %w", sum.flag, err)
		}
		*sum.into = amount.Minor
	}
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	c, err := i.negotiation.CreditorByReference(ctx, cmd.Creditor)
	if err != nil {
		return err
	}
	hash, err := i.keepFile(ctx, cmd.File)
	if err != nil {
		return err
	}
	if hash != "" {
		m.Proof = strings.TrimSpace(m.Proof + " sha256:" + hash)
	}
	m.CreditorID = c.ID
	signed, err := i.negotiation.SignMandate(ctx, operator, m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "mandate %s of %s, signed on %s\n", signed.Reference, c.Name, signed.SignedOn)
	return err
}

// parsePercent reads "10", "12.5" or "12,75" as basis points.
func parsePercent(typed string) (int64, error) {
	whole, decimals, _ := strings.Cut(strings.Replace(strings.TrimSpace(typed), ",", ".", 1), ".")
	if whole == "" || len(whole) > 3 || len(decimals) > 2 || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, fmt.Errorf("%q is not a percentage: write such as 10 or 12.5", typed)
	}
	points := int64(0)
	for _, d := range whole + (decimals + "00")[:2] {
		points = points*10 + int64(d-'0')
	}
	return points, nil
}

// keepFile keeps a file by its hash; no name, no file.
func (i *installation) keepFile(ctx context.Context, path string) (hash string, err error) {
	if path == "" {
		return "", nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	kind := mime.TypeByExtension(filepath.Ext(path))
	if kind == "" {
		kind = http.DetectContentType(content)
	}
	if err := i.withFiles(); err != nil {
		return "", err
	}
	return i.files.Put(ctx, filepath.Base(path), kind, content)
}
