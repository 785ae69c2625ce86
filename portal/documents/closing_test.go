package documents

import (
	"testing"

	"amiable/negotiation/day"
	"amiable/negotiation/interest"
	"amiable/negotiation/money"
	"amiable/portal/locale"

	"pgregory.net/rapid"
)

// Whatever the arithmetic says of a claim, its document closes to the cent and
// can be drawn: nobody is left without a statement over a rule of ours.
func TestWhateverIsOwedCanBeShown(t *testing.T) {
	rates := interest.French()
	rapid.Check(t, func(t *rapid.T) {
		on := day.MustParse("2026-11-21")
		o := Owed{On: on, GoodUntil: on.Add(15), PerDay: euros(0), Principal: euros(0), Interest: euros(0), Indemnity: euros(0)}
		for n := range rapid.IntRange(1, 3).Draw(t, "claims") {
			claim := interest.Claim{
				ID: "c", Principal: euros(rapid.Int64Range(1, 2_000_000).Draw(t, "principal")), DueOn: on.Add(-rapid.IntRange(-30, 900).Draw(t, "late")),
				Debtor: rapid.SampledFrom([]interest.DebtorKind{interest.Business, interest.Consumer, interest.Public}).Draw(t, "debtor"),
			}
			if rapid.Bool().Draw(t, "notice") {
				claim.NoticeOn = claim.DueOn.Add(rapid.IntRange(1, 60).Draw(t, "noticed"))
			}
			var movements []interest.Movement
			for range rapid.IntRange(0, 3).Draw(t, "movements") {
				movements = append(movements, interest.Movement{
					ID: "m", Day: claim.DueOn.Add(rapid.IntRange(1, 400).Draw(t, "day")), Amount: euros(rapid.Int64Range(1, 1_000_000).Draw(t, "amount")),
					Kind: rapid.SampledFrom([]interest.MovementKind{interest.Payment, interest.CreditNote, interest.Waiver}).Draw(t, "kind"),
				})
			}
			worked, err := rates.Statement(claim, movements, on)
			if err != nil {
				t.Skip(err) // not the matter here
			}
			c := OwedClaim{
				Invoice: string(rune('A' + n)), DueOn: claim.DueOn, NoticeOn: claim.NoticeOn, Invoiced: claim.Principal, PaidBefore: euros(0),
				Charged: worked.Charged, ChargedLaw: worked.ChargedLaw, Principal: worked.Principal, Interest: worked.Interest, Indemnity: worked.Indemnity,
			}
			for _, l := range worked.Lines {
				c.Movements = append(c.Movements, Movement{On: l.Day, Kind: string(l.Kind), Interest: l.Interest, Indemnity: l.Indemnity, Principal: l.Principal})
			}
			for _, g := range worked.Segments {
				c.Segments = append(c.Segments, Segment{From: g.From, To: g.To, Days: g.Days, Base: g.Base, Rate: g.Rate.String(), RateKind: string(g.Kind),
					Published: g.Published.String(), Margin: g.Margin.String(), InForce: g.InForce, Article: g.Article, Amount: g.Amount})
			}
			o.Claims = append(o.Claims, c)
			o.Principal, o.Interest, o.Indemnity = o.Principal.Add(c.Principal), o.Interest.Add(c.Interest), o.Indemnity.Add(c.Indemnity)
		}
		o.Total = money.Sum(o.Principal, o.Interest, o.Indemnity)
		st := Statement{Agency: agency, Creditor: creditor, Debtor: debtor, FirstLetter: opening, IssuedAt: issued, Owed: o}
		if _, err := st.PDF(locale.French); err != nil {
			t.Fatal(err)
		}
	})
}
