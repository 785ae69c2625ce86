package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal/access"
)

// The files of claims that the invented creditors hand over: the plain file
// that any creditor sends.
//
//go:embed world/*.csv
var worldFiles embed.FS

// worldBegins is the first day of the invented world; its story ends on
// worldToday, from where the clock goes on.
var worldBegins = time.Date(2026, 7, 1, 9, 0, 0, 0, negotiation.Zone)

const worldToday negotiation.Day = "2026-11-23"

// found makes what a real installation makes from the command line: agency,
// papers, creditors, mandates.
func (d *demo) found(ctx context.Context) error {
	n := d.negotiation
	_, err := n.FoundAgency(ctx, operator, negotiation.Agency{
		Name: "Agence Aubrelle", SIREN: "001703420", Street: "4 quai des Tilleuls", Postcode: "33000", City: "Bordeaux", Country: "FR",
		Phone: "05 00 00 00 00", Email: "bonjour@agence-aubrelle.example.com", Hours: "du lundi au vendredi, 9 h – 18 h", AgentName: "Camille Roussel",
		CollectorKind: negotiation.ThirdParty,
	})
	if err != nil {
		return err
	}
	for _, p := range []negotiation.Paper{
		{Kind: negotiation.PaperInsurance, Reference: "Mutuelle Imaginaire, contrat RC-2026-118", ValidFrom: "2026-01-01", ValidUntil: "2027-12-31"},
		{Kind: negotiation.PaperAccount, Reference: "Banque du Chat-Perché, compte dédié 0042", ValidFrom: "2026-01-01"},
		{Kind: negotiation.PaperDeclaration, Reference: "Bordeaux", ValidFrom: "2026-01-12"},
	} {
		if _, err := n.FilePaper(ctx, operator, p); err != nil {
			return err
		}
	}
	atLeast := func(minor int64) *int64 { return &minor }
	for _, taken := range []struct {
		creditor negotiation.Creditor
		mandate  negotiation.Mandate
		cards    bool
	}{
		{
			negotiation.Creditor{Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "003667128", Street: "12 rue des Copeaux", Postcode: "33800", City: "Bordeaux",
				Email: "compta@atelier-boreal.example.com", SecondCheck: negotiation.CheckPostcode, PartPaymentMinimum: atLeast(2000)},
			negotiation.Mandate{Reference: "MDT-001", FeeBasisPoints: 1000, FeeWithheld: true}, true,
		},
		{
			negotiation.Creditor{Reference: "CRE-002", Name: "Bureau d’études Lenoir SAS", SIREN: "007684269", Street: "3 place du Plan", Postcode: "31000", City: "Toulouse",
				Email: "factures@lenoir.example.com", SecondCheck: negotiation.CheckInvoiceNumber},
			negotiation.Mandate{Reference: "MDT-002", FeeBasisPoints: 800, FeeOn: negotiation.FeeOnPrincipal}, false,
		},
		{
			negotiation.Creditor{Reference: "CRE-003", Name: "Piscines Mirage SAS", SIREN: "008465635", Street: "8 avenue de l’Oasis", Postcode: "64100", City: "Bayonne",
				Email: "admin@piscines-mirage.example.com", SecondCheck: negotiation.CheckMailedCode, PartPaymentMinimum: atLeast(3000)},
			negotiation.Mandate{Reference: "MDT-003", FeeBasisPoints: 1200, FeeMinimum: 500, FeeWithheld: true}, true,
		},
	} {
		c, err := n.AddCreditor(ctx, operator, taken.creditor)
		if err != nil {
			return err
		}
		m := taken.mandate
		m.CreditorID, m.SignedOn, m.Scope, m.Proof = c.ID, "2026-01-15", "Toutes les factures impayées", "Original signé, classeur 2026, "+c.Reference
		m.VATBasisPoints, m.InterestWaivedInPlans, m.RestWaivedBelow = 2000, true, 100
		if _, err := n.SignMandate(ctx, operator, m); err != nil {
			return err
		}
	}
	return nil
}

// connect opens an account at the sandbox for a creditor and says there who
// the creditor is.
func (d *demo) connect(ctx context.Context, c *negotiation.Creditor, enabled bool) error {
	fact, err := d.gateway.OpenAccount(ctx, "account:"+c.ID, c)
	if err != nil {
		return err
	}
	if enabled {
		if err := d.box.CompleteOnboarding(fact.AccountID); err != nil {
			return err
		}
	}
	_, err = d.payments.NameAccount(ctx, operator, c.ID, fact.AccountID)
	return err
}

// wake joins a world that is there already to a sandbox that knows nothing of
// it: accounts are opened again, and checkouts of before are over.
func (d *demo) wake(ctx context.Context) error {
	creditors, err := d.negotiation.Creditors(ctx)
	if err != nil {
		return err
	}
	for n := range creditors {
		account, err := d.payments.AccountOf(ctx, creditors[n].ID)
		if err != nil {
			return err
		}
		if account == nil {
			continue
		}
		if err := d.connect(ctx, &creditors[n], account.ChargesEnabled); err != nil {
			return fmt.Errorf("account of creditor %s: %w", creditors[n].Reference, err)
		}
	}
	var open []string
	unfinished := []payments.State{payments.Started, payments.Processing}
	if err := d.db.Read(ctx).Model(&payments.Payment{}).Where("state IN ?", unfinished).Pluck("id", &open).Error; err != nil {
		return fmt.Errorf("unfinished payments: %w", err)
	}
	for _, id := range open {
		if _, err := d.payments.Check(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// join invites somebody and accepts in their name, authenticator included.
func (d *demo) join(ctx context.Context, email, name, password string, role negotiation.Role, creditorID string) (demoStaff, *access.User, error) {
	staff := demoStaff{Email: email, Password: password}
	invited, err := d.access.Invite(ctx, operator, access.Invitation{Email: email, Name: name, Role: role, CreditorID: creditorID, Language: "fr"})
	if err != nil {
		return staff, nil, err
	}
	if _, err := runAll(ctx, d.jobs()); err != nil { // the invitation leaves
		return staff, nil, err
	}
	token, err := d.access.NewInvitation(ctx, operator, invited.ID)
	if err != nil {
		return staff, nil, err
	}
	u, err := d.access.AcceptInvitation(ctx, token, name, password)
	if err != nil {
		return staff, nil, err
	}
	enrolment, err := d.access.Enrolment(ctx, u.ID, "Agence Aubrelle")
	if err != nil {
		return staff, nil, err
	}
	staff.TOTPSecret = enrolment.Secret
	// The code before the present one: each is good once, and whoever signs in
	// now needs the present one.
	code, err := totp.GenerateCode(enrolment.Secret, time.Now().Add(-30*time.Second))
	if err != nil {
		return staff, nil, err
	}
	return staff, u, d.access.Enrol(ctx, u.ID, code)
}

// place hands over one of the embedded files.
func (d *demo) place(ctx context.Context, by negotiation.Actor, name string) error {
	content, err := worldFiles.ReadFile("world/" + name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	batch, _, err := d.negotiation.Place(ctx, by, negotiation.File{Name: name, Hash: hex.EncodeToString(sum[:]), Body: bytes.NewReader(content)})
	if err != nil {
		return err
	}
	if batch.Refused > 0 {
		return fmt.Errorf("%s: %d lines were refused", name, batch.Refused)
	}
	return nil
}

// caseOf finds the one case of an invented debtor.
func (d *demo) caseOf(ctx context.Context, debtor string) (*negotiation.Case, error) {
	found, err := d.negotiation.Find(ctx, operator, negotiation.Search{Text: debtor})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d cases of %s", len(found), debtor)
	}
	return d.negotiation.Case(ctx, operator, found[0].ID)
}

// answer is what the second check of a case asks for.
func answer(c *negotiation.Case) check {
	switch c.Creditor.SecondCheck {
	case negotiation.CheckInvoiceNumber:
		return check{negotiation.CheckInvoiceNumber, c.Claims[0].InvoiceNumber}
	case negotiation.CheckMailedCode:
		return check{negotiation.CheckMailedCode, ""}
	}
	return check{negotiation.CheckPostcode, c.Debtor.Postcode}
}

var errNotPaid = errors.New("the sandbox took the card and the payment did not arrive")
