package portal

import (
	"fmt"
	"slices"
	"strconv"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/limitation"
	"amiable/payments"
	"amiable/portal/casefile"
	"amiable/portal/locale"
	"amiable/portal/outreach"
)

func (f *caseFile) mandate() error {
	m := f.file.Mandate
	if m == nil {
		return nil
	}
	said := object{"reference": m.Reference, "signed_on": m.SignedOn, "valid_until": m.ValidUntil, "revoked_on": m.RevokedOn, "scope": m.Scope}
	if f.who != forDebtor { // what the creditor pays for it is between the two of them
		said["proof"] = m.Proof
		said["fee_basis_points"], said["fee_on"], said["fee_minimum"], said["vat_basis_points"] = m.FeeBasisPoints, m.FeeOn, m.FeeMinimum, m.VATBasisPoints
	}
	if err := f.data("mandate", "mandat", m.SignedOn, said); err != nil {
		return err
	}
	return f.proof(f.title("mandate.proof"), m.Proof, m.SignedOn)
}

// claims are what is owed, who is said to owe it, and until when it may be
// brought before a judge.
func (f *caseFile) claims() error {
	d := f.file.Debtor
	said := object{
		"debtor": object{"kind": d.Kind, "name": d.Name, "contact_name": d.ContactName, "siren": d.SIREN, "vat_number": d.VATNumber,
			"street": d.Street, "postcode": d.Postcode, "city": d.City, "country": d.Country},
		"creditor": object{"name": f.file.Creditor.Name, "siren": f.file.Creditor.SIREN, "reference": f.file.Creditor.Reference},
	}
	var list []object
	for i := range f.file.Claims {
		claim := &f.file.Claims[i]
		o := object{
			"id": claim.ID, "invoice": claim.InvoiceNumber, "issued_on": claim.IssueOn, "due_on": claim.DueOn, "currency": claim.Currency, "amount": claim.Amount,
			"paid_before": claim.PaidBefore, "contract_rate": claim.ContractRate, "notice_on": claim.NoticeOn, "sector": claim.Sector, "description": claim.Description,
		}
		if a, err := f.file.Limitation(claim, f.today); err == nil && f.who != forDebtor { // the house's own work
			o["limitation"] = object{
				"regime": a.Regime, "from": a.StartsOn, "expires_on": a.ExpiresOn, "as_of": f.today,
				"events": rows(a.Events, func(e *limitation.Judged) object {
					return object{"id": e.ID, "kind": e.Kind, "on": e.On, "counted": e.Counted, "article": e.Article, "why": e.Why}
				}),
			}
		}
		list = append(list, o)
	}
	said["claims"] = list
	if err := f.data("claims", "creances", "", said); err != nil {
		return err
	}
	for i := range f.file.Claims {
		claim := &f.file.Claims[i]
		title := f.title("invoice", "number", claim.InvoiceNumber)
		if claim.InvoiceFile == "" {
			if err := f.add(casefile.Piece{Title: title, On: claim.IssueOn, Missing: "elsewhere"}, "", nil); err != nil {
				return err
			}
			continue
		}
		if err := f.sent(title, claim.InvoiceFile, "facture-"+claim.InvoiceNumber+".pdf", claim.IssueOn, ""); err != nil {
			return err
		}
	}
	return f.givenUp()
}

// givenUp is what the creditor gave up outside a dispute, and by which word. A
// debtor reads what follows from it in the statements.
func (f *caseFile) givenUp() error {
	if f.who == forDebtor {
		return nil
	}
	list, err := f.negotiation.GivenUp(f.ctx, f.by, f.file)
	if err != nil || len(list) == 0 {
		return err
	}
	err = f.data("given", "avoirs-et-reprises", "", rows(list, func(g *negotiation.GivenUp) object {
		return object{"id": g.ID, "kind": g.Kind, "claim": g.ClaimID, "number": g.Number, "amount": g.Amount, "words": g.Words, "proof": g.Proof, "role": g.ByRole, "by": g.ByName, "at": g.At.UTC()}
	}))
	if err != nil {
		return err
	}
	for i := range list {
		if err := f.proof(f.title("given.proof"), list[i].Proof, negotiation.DayOf(list[i].At)); err != nil {
			return err
		}
	}
	return nil
}

// statements are those that were frozen, and that of the day of the file.
func (f *caseFile) statements() error {
	frozen, err := f.negotiation.StatementsOf(f.ctx, f.file.ID)
	if err != nil {
		return err
	}
	for i := range frozen {
		owed, err := frozen[i].Owed()
		if err != nil {
			return err
		}
		d := f.frozenDocument(f.file, &frozen[i], outreach.FrozenDocument(owed))
		if err := f.paper(f.title("statement.frozen"), "decompte-"+string(frozen[i].AsOf), frozen[i].AsOf, "", d); err != nil {
			return err
		}
	}
	now, err := f.file.Statement(f.today)
	if err != nil {
		return err
	}
	if now.MissingRate != nil { // a sum that lacks a published rate is not put on paper
		return f.add(casefile.Piece{Title: f.title("statement.now"), On: f.today, Missing: "rate"}, "", nil)
	}
	return f.paper(f.title("statement.now"), "decompte-"+string(f.today), f.today, "", statementDocument(f.file, now, noon(f.today)))
}

func (f *caseFile) firstLetter() error {
	c := f.file
	if c.FirstLetterReference == "" {
		return nil
	}
	made, err := f.negotiation.FirstLetterOf(f.ctx, f.by, c)
	if err != nil {
		return err
	}
	title := f.title("first_letter", "reference", c.FirstLetterReference)
	if made == nil {
		err = f.add(casefile.Piece{Title: title, On: c.FirstLetterOn, Missing: "elsewhere"}, "", nil)
	} else {
		letter, bad := outreach.FiledFirstLetter(made)
		if bad != nil {
			return bad
		}
		content, bad := letter.PDF(locale.Language(made.Letter.Language).Or())
		if bad != nil {
			return bad
		}
		err = f.add(casefile.Piece{Title: title, On: c.FirstLetterOn, Media: "application/pdf"}, made.Reference+".pdf", content)
	}
	if err != nil {
		return err
	}
	return f.proof(f.title("first_letter.proof"), c.FirstLetterProof, c.FirstLetterOn)
}

// letters are every later contact: when, by which channel, with which text.
func (f *caseFile) letters() error {
	letters, err := f.negotiation.LettersOf(f.ctx, f.file.ID)
	if err != nil {
		return err
	}
	letters = slices.DeleteFunc(letters, func(l negotiation.Letter) bool {
		switch f.who {
		case forCreditor:
			return l.Recipient == negotiation.ToAgent
		case forDebtor:
			return l.Recipient != negotiation.ToParty || l.SentAt == nil || !f.mine(l.PartyID)
		}
		return false
	})
	err = f.data("letters", "courriers", "", rows(letters, func(l *negotiation.Letter) object {
		o := object{"id": l.ID, "kind": l.Kind, "recipient": l.Recipient, "channel": l.Channel, "language": l.Language, "state": l.State, "text_version": l.TextVersion,
			"facts": stored(l.Facts), "due_at": l.DueAt.UTC(), "sent_at": utc(l.SentAt)}
		if f.who == forAgent {
			o["blocked_by"], o["problem"], o["by_person"] = l.BlockedBy, l.Problem, l.ByPerson
		}
		return o
	}))
	if err != nil || f.who == forCreditor {
		return err
	}
	wishes, err := f.negotiation.WishesOf(f.ctx, f.file.ID)
	if err != nil {
		return err
	}
	wishes = slices.DeleteFunc(wishes, func(w negotiation.Wish) bool { return f.who == forDebtor && !f.mine(&w.PartyID) })
	return f.data("wishes", "demandes", "", rows(wishes, func(w *negotiation.Wish) object {
		return f.named(object{"id": w.ID, "kind": w.Kind, "words": w.Words, "callback_to": w.CallbackTo, "callback_when": w.CallbackWhen, "at": w.CreatedAt.UTC(),
			"handled_at": utc(w.HandledAt)}, "handled_by", negotiation.SideAgency, w.HandledBy)
	}))
}

// agreements are every offer with what became of it, and the agreements on
// paper.
func (f *caseFile) agreements() error {
	var offers, plans []object
	for _, o := range f.file.Offers() {
		schedule, err := o.Schedule(f.file.Currency)
		if err != nil {
			return err
		}
		offers = append(offers, object{
			"id": o.ID, "number": o.Number, "state": o.State, "side": o.Side, "terms": stored(o.Terms), "as_of": o.AsOf, "owed": o.Owed, "total": o.Total,
			"message": o.Message, "reason": o.Reason, "replaces": o.Replaces, "answer_by": o.AnswerBy, "answered_at": utc(o.AnsweredAt), "role": o.ByRole,
			"at": o.CreatedAt.UTC(),
			"schedule": rows(schedule, func(i *negotiation.Instalment) object {
				return object{"number": i.Number, "due_on": i.DueOn, "amount": i.Amount.Minor}
			}),
			"acceptances": rows(o.Acceptances, func(a *negotiation.Acceptance) object {
				said := f.named(object{"side": a.Side, "how": a.How, "role": a.ByRole, "text_version": a.TextVersion, "language": a.Language,
					"charges_text": a.ChargesText, "at": a.At.UTC()}, "by", a.Side, a.ByName)
				if f.who == forAgent {
					said["note"] = a.Note
				}
				return said
			}),
		})
	}
	for _, p := range f.file.Plans() {
		plans = append(plans, object{
			"id": p.ID, "offer": p.OfferID, "number": p.Number, "state": p.State, "owed": p.Owed, "total": p.Total, "currency": p.Currency,
			"interest_waived": p.InterestWaived, "accepted_at": p.AcceptedAt.UTC(), "closed_on": p.ClosedOn, "reason": p.Reason,
			"instalments": rows(p.Current(), func(l *negotiation.PlanLine) object {
				return object{"number": l.Number, "due_on": l.DueOn, "amount": l.Amount, "moved_from": l.MovedFrom, "skipped": l.Skipped}
			}),
		})
	}
	if len(offers) == 0 {
		return nil
	}
	if err := f.data("offers", "propositions", "", object{"offers": offers, "plans": plans}); err != nil {
		return err
	}
	for _, p := range f.file.Plans() {
		if p.StatementID == nil {
			continue
		}
		d, err := f.agreementFor(f.ctx, f.by, f.l, f.file, &p)
		if err != nil {
			return err
		}
		if err := f.paper(f.title("agreement", "number", p.Number), fmt.Sprintf("accord-%d", p.Number), negotiation.DayOf(p.AcceptedAt), d.ChainHead, d); err != nil {
			return err
		}
	}
	return nil
}

// disputes are every step that the reader may read, the files that came with
// it, and the outcome letters.
func (f *caseFile) disputes() error {
	list, err := f.negotiation.Disputes(f.ctx, f.by, f.file)
	if err != nil || len(list) == 0 {
		return err
	}
	err = f.data("disputes", "contestations", "", rows(list, func(d *negotiation.DisputeFile) object {
		return object{
			"id": d.ID, "number": d.Number, "claim": d.ClaimID, "invoice": d.Claim.InvoiceNumber, "state": d.State, "ground": d.Ground, "amount": d.Amount, "round": d.Round,
			"credited": d.Credited, "opened_at": d.OpenedAt.UTC(), "closed_at": utc(d.ClosedAt),
			"steps": rows(d.Steps, func(s *negotiation.DisputeStep) object {
				return f.named(object{"id": s.ID, "round": s.Round, "kind": s.Kind, "side": s.Side, "audience": s.Audience, "words": s.Words, "language": s.Language, "amount": s.Amount,
					"way": s.Way, "of": s.Of, "role": s.ByRole, "at": s.At.UTC(),
					"files": rows(s.Files, func(file *negotiation.StepFile) object { return object{"sha256": file.Hash, "name": file.Name} })}, "by", s.Side, s.ByName)
			}),
		}
	}))
	if err != nil {
		return err
	}
	for i := range list {
		for _, step := range list[i].Steps {
			for _, file := range step.Files {
				title := f.title("evidence", "number", list[i].Number, "name", file.Name, "who", f.sideName(step.Side))
				if err := f.sent(title, file.Hash, file.Name, negotiation.DayOf(step.At), private(step.Audience)); err != nil {
					return err
				}
			}
		}
	}
	for _, o := range negotiation.Outcomes(f.events) {
		at := slices.IndexFunc(list, func(d negotiation.DisputeFile) bool { return d.ID == o.Dispute })
		if at < 0 {
			continue
		}
		ended := &outcome{o, list[at].Why(o.Round)}
		name := "issue-" + strconv.FormatInt(o.Number, 10) + "-" + strconv.FormatInt(o.Round, 10)
		if err := f.paper(f.title("outcome", "number", o.Number), name, o.On, o.ChainHead, f.outcomeDocument(f.file, ended, disputesPath)); err != nil {
			return err
		}
	}
	return nil
}

func (f *caseFile) sideName(side negotiation.Side) string {
	if name := nameOf(f.file, side); name != "" {
		return name
	}
	return f.file.Agency.Name
}

// private says between whom something is; empty where all may read it.
func private(a negotiation.Audience) string {
	if a == negotiation.ToAll {
		return ""
	}
	return string(a)
}

// paid are the payments, and a receipt for each that came in.
func (f *caseFile) paid() error {
	made, err := f.payments.OfCase(f.ctx, f.file.ID)
	if err != nil {
		return err
	}
	receipts, err := f.payments.ReceiptsOf(f.ctx, f.file.ID)
	if err != nil {
		return err
	}
	err = f.data("payments", "paiements", "", rows(made, func(p *payments.Payment) object {
		o := object{"id": p.ID, "kind": p.Kind, "state": p.State, "asked": p.Amount, "received": p.Received, "currency": p.Currency, "paid_on": p.PaidOn, "means": p.Means,
			"recognition": p.Recognition, "excess": p.Excess, "at": p.CreatedAt.UTC(), "succeeded_at": utc(p.SucceededAt)}
		if f.who != forDebtor { // a bank's line may name whoever else paid
			o["reference"] = p.Reference
			o["fee"], o["vat"] = p.Fee, p.VAT
		}
		return o
	}))
	if err != nil {
		return err
	}
	for i := range receipts {
		content, err := receipts[i].Read()
		if err != nil {
			return err
		}
		if err := f.paper(f.title("receipt", "number", content.Number), "quittance-"+content.Number, content.On, content.ChainHead, f.receiptDocument(f.file, content)); err != nil {
			return err
		}
	}
	for i := range made {
		if err := f.proof(f.title("payment.proof"), made[i].Proof, made[i].PaidOn); err != nil {
			return err
		}
	}
	if closed(f.file) != "cleared" {
		return nil
	}
	d, err := f.discharge(f.ctx, f.file)
	if negotiation.AsRefusal(err) != nil {
		return nil
	} else if err != nil {
		return err
	}
	return f.paper(f.title("discharge"), "quittance-pour-solde", f.file.ClosedOn, d.ChainHead, d)
}

// messages are those that the reader may read, each with between whom it is.
func (f *caseFile) messages() error {
	thread, err := f.negotiation.Thread(f.ctx, f.by, f.file)
	if err != nil || len(thread) == 0 {
		return err
	}
	err = f.data("messages", "messages", "", rows(thread, func(m *negotiation.Message) object {
		return f.named(object{"id": m.ID, "side": m.Side, "audience": m.Audience, "words": m.Words, "language": m.Language, "role": m.ByRole, "at": m.At.UTC(),
			"files": rows(m.Files, func(file *negotiation.MessageFile) object { return object{"sha256": file.Hash, "name": file.Name} }),
			"read":  rows(m.Read, func(r *negotiation.MessageRead) object { return object{"side": r.Side, "at": r.At.UTC()} })}, "by", m.Side, m.ByName)
	}))
	if err != nil {
		return err
	}
	for i := range thread {
		for _, file := range thread[i].Files {
			title := f.title("message.file", "name", file.Name, "who", f.sideName(thread[i].Side))
			if err := f.sent(title, file.Hash, file.Name, negotiation.DayOf(thread[i].At), private(thread[i].Audience)); err != nil {
				return err
			}
		}
	}
	return nil
}

// named adds who did something: in a debtor's copy the creditor and the agency
// are houses, not the people in them.
func (f *caseFile) named(o object, key string, side negotiation.Side, name string) object {
	if f.who != forDebtor || side == negotiation.SideDebtor {
		o[key] = name
	}
	return o
}

// owedOnly is what a posting did to what a debtor owes or is owed: the rest is
// between the creditor and the agency.
func owedOnly(postings []ledger.Posting) (list []ledger.Posting) {
	for _, p := range postings {
		p.Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e ledger.Entry) bool { return e.Account != ledger.Receivable && e.Account != ledger.RefundsDue })
		if len(p.Entries) > 0 {
			list = append(list, p)
		}
	}
	return list
}

func (f *caseFile) ledger() error {
	postings := f.file.Postings()
	if f.who == forDebtor {
		postings = owedOnly(postings)
	}
	return f.data("ledger", "ecritures", "", rows(postings, func(p *ledger.Posting) object {
		return object{"id": p.ID, "kind": p.Kind, "source": p.Source, "effective_on": p.EffectiveOn, "reverses": p.Reverses, "at": p.CreatedAt.UTC(),
			"entries": rows(p.Entries, func(e *ledger.Entry) object {
				return object{"account": e.Account, "claim": e.ClaimID, "component": e.Component, "amount": e.Amount, "currency": e.Currency}
			})}
	}))
}

// record is the chain of events. Of what a reader is not told only the link
// stands in their copy, so that the chain still closes. Of what others did a
// debtor is told in the timeline: an event also says who did it, and on what.
func (f *caseFile) record() error {
	withheld := func(e *negotiation.Event) bool {
		if f.who == forAgent {
			return false
		}
		_, what := e.What()
		return e.Content == nil || !f.who.reads(e, what) || (f.who == forDebtor && !f.ownAct(e))
	}
	if f.who == forDebtor {
		if err := f.told(); err != nil {
			return err
		}
	}
	lines, chain, err := casefile.Events(f.events, withheld)
	if err != nil {
		return err
	}
	p, err := f.w.Add(casefile.Piece{Part: f.part.name, Title: f.title("events"), Media: "application/jsonl"}, f.part.folder, "evenements.jsonl", lines)
	chain.Path = p.Path
	f.chain = chain
	return err
}
