package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/interest"
	"amiable/payments"
)

// ExportCmd prints a whole case: `amiable export`. Amounts are minor units of
// the case's currency, instants are UTC, days are legal days.
type ExportCmd struct {
	Settings `embed:""`
	Case     string `required:"" placeholder:"REF" help:"Reference of the case."`
	JSON     bool   `name:"json" help:"As one JSON object; there is no other form."`
}

// Run prints the case.
func (cmd *ExportCmd) Run(ctx context.Context, out io.Writer) error {
	if !cmd.JSON {
		return errors.New("a case is exported as JSON: add --json")
	}
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	sel := selection{Case: []string{cmd.Case}}
	cases, err := sel.cases(ctx, i)
	if err != nil {
		return err
	}
	exported, err := i.export(ctx, cases[0])
	if err != nil {
		return err
	}
	return printJSON(out, exported)
}

type object = map[string]any

// rows maps a list; an empty one is [], never null.
func rows[T any](list []T, one func(*T) object) []object {
	mapped := make([]object, 0, len(list))
	for i := range list {
		mapped = append(mapped, one(&list[i]))
	}
	return mapped
}

// raw passes stored JSON through; an erased content is null.
func raw(text *string) any {
	if text == nil || !json.Valid([]byte(*text)) {
		return nil
	}
	return json.RawMessage(*text)
}

func orNull(d negotiation.Day) any {
	if d.IsZero() {
		return nil
	}
	return d
}

// export gathers everything of a case. What later capabilities bring has its
// place already, empty.
func (i *installation) export(ctx context.Context, c *negotiation.Case) (object, error) {
	today, err := i.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	statement, err := c.Statement(today)
	if err != nil {
		return nil, err
	}
	paid, err := i.payments.OfCase(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	receipts, err := i.payments.ReceiptsOf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	letters, err := i.negotiation.LettersOf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	events, err := i.negotiation.Events(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	wishes, err := i.negotiation.WishesOf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	thread, err := i.negotiation.Thread(ctx, negotiation.System, c)
	if err != nil {
		return nil, err
	}
	situations, err := i.negotiation.Situations(ctx, operator, c)
	if err != nil {
		return nil, err
	}
	readings, err := i.negotiation.Readings(ctx, operator, c)
	if err != nil {
		return nil, err
	}
	offers, err := exportOffers(c)
	if err != nil {
		return nil, err
	}
	plan, former, err := exportPlans(c, today)
	if err != nil {
		return nil, err
	}
	policy, err := i.negotiation.PolicyOf(ctx, c)
	if err != nil {
		return nil, err
	}
	exported := object{
		"case":      exportCase(c),
		"statement": exportStatement(statement),
		"gate":      exportGate(c.Gate(today)),
		"policy":    nil,
		"offers":    offers,
		"plan":      plan, "former_plans": former,
		"holds":      rows(c.Holds, exportHold),
		"situations": rows(situations, exportSituation),
		"readings": rows(readings, func(r *negotiation.Reading) object {
			return object{"subject": r.Subject, "of": r.SubjectID, "need": r.Need, "role": r.ByRole, "by": r.ByName, "at": r.At}
		}),
		"disputes": []object{},
		"payments": rows(paid, exportPayment),
		"receipts": rows(receipts, func(r *payments.Receipt) object {
			return object{"number": r.Number, "payment": r.PaymentID, "corrects": r.Corrects, "content": raw(&r.Content), "text_version": r.TextVersion, "at": r.CreatedAt}
		}),
		"ledger": exportLedger(c),
		"letters": rows(letters, func(l *negotiation.Letter) object {
			return object{"id": l.ID, "kind": l.Kind, "recipient": l.Recipient, "channel": l.Channel, "language": l.Language, "state": l.State,
				"blocked_by": l.BlockedBy, "problem": l.Problem, "facts": raw(&l.Facts), "text_version": l.TextVersion, "due_at": l.DueAt, "sent_at": l.SentAt}
		}),
		"wishes": rows(wishes, func(w *negotiation.Wish) object {
			return object{"id": w.ID, "kind": w.Kind, "words": w.Words, "callback_to": w.CallbackTo, "callback_when": w.CallbackWhen, "at": w.CreatedAt, "handled_at": w.HandledAt, "handled_by": w.HandledBy}
		}),
		"thread": rows(thread, exportMessage),
		"events": rows(events, func(e *negotiation.Event) object {
			return object{"seq": e.Seq, "kind": e.Kind, "at": e.At, "role": e.ActorRole, "by": e.ActorID, "on_behalf_of": e.OnBehalfOf,
				"content": raw(e.Content), "hash": hexText(e.Hash)}
		}),
	}
	if policy.Version > 0 {
		exported["policy"] = policy
	}
	return exported, nil
}

func exportCase(c *negotiation.Case) object {
	o := object{
		"id": c.ID, "reference": c.Reference, "state": c.State, "currency": c.Currency, "created_at": c.CreatedAt,
		"opened_on": orNull(c.OpenedOn), "closed_on": orNull(c.ClosedOn), "chain_head": hexText(c.EventHead),
		"balance":      object{"principal": c.Principal, "interest": c.Interest, "indemnity": c.Indemnity, "total": c.Balance().Minor},
		"first_letter": nil, "mandate": nil,
		"creditor": object{"reference": c.Creditor.Reference, "name": c.Creditor.Name, "siren": c.Creditor.SIREN},
		"debtor": object{"kind": c.Debtor.Kind, "name": c.Debtor.Name, "contact_name": c.Debtor.ContactName, "siren": c.Debtor.SIREN,
			"street": c.Debtor.Street, "postcode": c.Debtor.Postcode, "city": c.Debtor.City, "country": c.Debtor.Country},
		"parties": rows(c.Parties, func(p *negotiation.Party) object {
			return object{"id": p.ID, "role": p.Role, "name": p.Person.Name, "language": p.Person.Language,
				"for": p.ForPartyID, "may_write": p.MayWrite, "may_propose": p.MayPropose, "until": orNull(p.UntilOn), "ended_at": p.EndedAt,
				"contacts": rows(p.Contacts, func(k *negotiation.ContactPoint) object {
					return object{"kind": k.Kind, "value": k.Value, "source": k.Source, "preferred": k.Preferred, "usable": k.Usable()}
				})}
		}),
	}
	if c.FirstLetterReference != "" {
		o["first_letter"] = object{"reference": c.FirstLetterReference, "sent_on": c.FirstLetterOn, "channel": c.FirstLetterChannel, "proof": c.FirstLetterProof}
	}
	if c.Mandate != nil {
		o["mandate"] = object{"reference": c.Mandate.Reference, "signed_on": c.Mandate.SignedOn, "fee_basis_points": c.Mandate.FeeBasisPoints}
	}
	return o
}

func exportStatement(s *negotiation.Statement) object {
	o := object{
		"on": s.On, "good_until": s.GoodUntil, "principal": s.Principal.Minor, "interest": s.Interest.Minor, "indemnity": s.Indemnity.Minor,
		"total": s.Total.Minor, "per_day": s.PerDay.Minor, "missing_rate": nil,
		"claims": rows(s.Claims, func(cs *negotiation.ClaimStatement) object {
			return object{
				"id": cs.Claim.ID, "invoice": cs.Claim.InvoiceNumber, "issued_on": orNull(cs.Claim.IssueOn), "due_on": cs.Claim.DueOn,
				"invoiced": cs.Claim.Amount, "paid_before": cs.Claim.PaidBefore, "description": cs.Claim.Description,
				"principal": cs.Principal.Minor, "interest": cs.Interest.Minor, "indemnity": cs.Indemnity.Minor, "accrued": cs.Accrued.Minor,
				"segments": rows(cs.Segments, func(g *interest.Segment) object {
					return object{"from": g.From, "to": g.To, "days": g.Days, "base": g.Base.Minor, "rate_percent": g.Rate.String(),
						"source": g.Source, "article": g.Article, "amount": g.Amount.Minor}
				}),
				"movements": rows(cs.Lines, func(l *interest.Line) object {
					return object{"id": l.ID, "kind": l.Kind, "on": l.Day, "amount": l.Amount.Minor,
						"principal": l.Principal.Minor, "interest": l.Interest.Minor, "indemnity": l.Indemnity.Minor}
				}),
			}
		}),
	}
	if s.MissingRate != nil {
		o["missing_rate"] = s.MissingRate.Error()
	}
	return o
}

func exportGate(g negotiation.Gate) object {
	o := object{}
	for _, effect := range negotiation.Effects {
		reasons := g.Blocking(effect)
		if reasons == nil {
			reasons = []negotiation.Reason{}
		}
		o[string(effect)] = reasons
	}
	return o
}

// exportHold leaves out what was told of a person's situation: it is read on
// the page of the situation, by who needs it.
func exportHold(h *negotiation.Hold) object {
	note := h.Note
	if h.Reason.IsSituation() {
		note = ""
	}
	return object{"id": h.ID, "reason": h.Reason, "note": note, "from": h.FromOn, "until": orNull(h.UntilOn), "claim": h.ClaimID, "amount": h.Amount,
		"by": h.ByName, "lifted_at": h.LiftedAt, "lifted_by": h.LiftedBy}
}

func exportSituation(s *negotiation.Situation) object {
	return object{"id": s.ID, "hold": s.HoldID, "reason": s.Reason, "state": s.State, "file_number": s.FileNumber, "papers": len(s.Files), "proof_by": orNull(s.ProofBy),
		"review_on": orNull(s.ReviewOn), "role": s.ByRole, "by": s.ByName, "at": s.CreatedAt, "confirmed_at": s.ConfirmedAt, "confirmed_by": s.ConfirmedBy,
		"ended_at": s.EndedAt, "ended_by": s.EndedBy, "end_reason": s.EndReason}
}

func exportPayment(p *payments.Payment) object {
	return object{
		"id": p.ID, "kind": p.Kind, "state": p.State, "asked": p.Amount, "received": p.Received, "refunded": p.Refunded, "taken_back": p.TakenBack, "fee": p.Fee, "vat": p.VAT, "fee_withheld": p.FeeWithheld, "separate": p.Separate,
		"excess": p.Excess, "whole": p.Whole, "asked_on": p.AskedOn, "good_until": p.GoodUntil, "paid_on": orNull(p.PaidOn), "means": p.Means,
		"reference": p.Reference, "session": p.SessionID, "intent": p.IntentID, "charge": p.ChargeID, "recognition": p.Recognition,
		"failure": p.Failure, "problem": p.Problem, "role": p.ByRole, "by": p.ByID, "on_behalf_of": p.OnBehalfOf,
		"created_at": p.CreatedAt, "succeeded_at": p.SucceededAt,
	}
}

func exportLedger(c *negotiation.Case) []object {
	list := []object{}
	for _, p := range c.Postings() {
		entries := []object{}
		for _, e := range p.Entries {
			entries = append(entries, object{"account": e.Account, "claim": e.ClaimID, "component": e.Component, "amount": e.Amount, "currency": e.Currency})
		}
		list = append(list, object{"id": p.ID, "kind": p.Kind, "source": p.Source, "effective_on": p.EffectiveOn, "reverses": p.Reverses, "at": p.CreatedAt.UTC().Format(time.RFC3339Nano), "entries": entries})
	}
	return list
}

func hexText(b []byte) string { return hex.EncodeToString(b) }
