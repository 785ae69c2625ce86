package portal

import (
	"time"

	"amiable/negotiation"
	"amiable/negotiation/interest"
	"amiable/negotiation/money"
	"amiable/portal/documents"
)

// statementDocument puts a statement into the words of a document.
func statementDocument(file *negotiation.Case, s *negotiation.Statement, issued time.Time) documents.Statement {
	return documents.Statement{
		CaseReference: negotiation.GroupedReference(file.Reference), Agency: agencyIdentity(file.Agency), Creditor: creditorIdentity(file.Creditor),
		Debtor: debtorIdentity(file.Debtor), FirstLetter: documents.FirstLetterRef{Reference: file.FirstLetterReference, SentOn: file.FirstLetterOn},
		IssuedAt: issued, Owed: owedDocument(s),
	}
}

func owedDocument(s *negotiation.Statement) documents.Owed {
	o := documents.Owed{
		On: s.On, GoodUntil: s.GoodUntil, PerDay: s.PerDay, Principal: s.Principal, Interest: s.Interest, Indemnity: s.Indemnity, Total: s.Total,
	}
	for _, cs := range s.Claims {
		claim := cs.Claim
		c := documents.OwedClaim{
			Invoice: claim.InvoiceNumber, Subject: claim.Description, IssuedOn: claim.IssueOn, DueOn: claim.DueOn, NoticeOn: claim.NoticeOn,
			Invoiced: money.New(claim.Amount, claim.Currency), PaidBefore: money.New(claim.PaidBefore, claim.Currency),
			Charged: cs.Charged, ChargedLaw: cs.ChargedLaw, Principal: cs.Principal, Interest: cs.Interest, Indemnity: cs.Indemnity,
		}
		for _, l := range cs.Lines {
			c.Movements = append(c.Movements, documents.Movement{
				On: l.Day, Kind: movementKinds[l.Kind], Interest: l.Interest, Indemnity: l.Indemnity, Principal: l.Principal,
			})
		}
		for _, segment := range cs.Segments {
			c.Segments = append(c.Segments, documents.Segment{
				From: segment.From, To: segment.To, Days: segment.Days, Base: segment.Base, Rate: segment.Rate.String(), RateKind: string(segment.Kind),
				Published: segment.Published.String(), Margin: segment.Margin.String(), InForce: segment.InForce, Article: segment.Article, Amount: segment.Amount,
			})
		}
		o.Claims = append(o.Claims, c)
	}
	return o
}

var movementKinds = map[interest.MovementKind]string{
	interest.Payment: documents.MovementPayment, interest.CreditNote: documents.MovementCreditNote, interest.TakenBack: documents.MovementTakenBack, interest.Waiver: documents.MovementWaiver,
}
