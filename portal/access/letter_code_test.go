package access

import (
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
)

// posted places a claim, makes its first letter with a code, and posts it.
func (w *world) posted(post bool) (debtor, *negotiation.OpeningLetter, string) {
	w.t.Helper()
	w.placed++
	n := string(rune('a' + w.placed - 1))
	d := debtor{email: "chloe." + n + "@example.test", invoice: "FA-2026/00" + n}
	line := "CRE-001," + d.invoice + ",2026-03-31,2026-04-30,EUR,250.00,0,consumer,Chloé Test " + n + ",,,," + d.email + ",,1 rue du Port,33 000,Bordeaux,FR,fr,,MDT-001,Réparation\n"
	p, _, err := w.negotiation.Place(w.ctx, administrator, negotiation.File{Name: "claims.csv", Body: strings.NewReader(header + line), Refused: &strings.Builder{}})
	w.must(err)
	ids, err := w.negotiation.CasesOfPlacement(w.ctx, p.ID)
	w.must(err)
	d.caseID = ids[0]
	d.partyID = w.load(d).MainParty().ID
	made, err := w.negotiation.PrepareFirstLetter(w.ctx, administrator, d.caseID, negotiation.LetterOrder{Carry: w.CarryCode})
	w.must(err)
	if post {
		w.must(w.negotiation.RecordFirstLetter(w.ctx, administrator, d.caseID, negotiation.FirstLetter{
			Reference: made.Reference, SentOn: negotiation.DayOf(w.product.now()), Channel: "post", Proof: "bordereau"}))
	}
	codes, err := w.LetterCodes(w.ctx, made.LetterID)
	w.must(err)
	return d, made, codes[made.LetterID]
}

func TestALettersCodeSaysWhoWroteAndLeadsToTheSecondCheck(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d, made, code := w.posted(true)
		if len(code) != 10 || strings.Trim(code, letterCodeAlphabet) != "" {
			t.Fatalf("the code is %q", code)
		}
		again, err := w.LetterCodes(w.ctx, made.LetterID)
		w.must(err)
		if again[made.LetterID] != code {
			t.Error("printed twice, two codes")
		}
		var stored []letterCode
		w.must(w.db.Read(w.ctx).Find(&stored).Error)
		if strings.Contains(string(stored[0].CodeHash), code) {
			t.Error("the code is in the database")
		}
		pasted := " " + strings.ToLower(code[:5]) + "\u00a0-" + code[5:] + "\n"
		writer, err := w.FindLetterCode(w.ctx, pasted, home)
		w.must(err)
		if len(writer.Creditors) != 1 || writer.Creditors[0] != "Atelier Boréal SARL" || writer.SentOn != "2026-08-31" || writer.Channel != "post" {
			t.Errorf("it says %+v", writer)
		}
		byReference, err := w.FindLetter(w.ctx, strings.ToLower(made.Reference), "2026-08-31", home)
		w.must(err)
		if byReference.Creditors[0] != "Atelier Boréal SARL" {
			t.Errorf("by reference it says %+v", byReference)
		}
		_, err = w.FindLetter(w.ctx, made.Reference, "2026-08-30", home)
		w.refused(err, "code_unknown")

		token, err := w.OpenByCode(w.ctx, pasted, home)
		w.must(err)
		second, err := w.OpenByCode(w.ctx, code, home)
		w.must(err)
		if token != second {
			t.Error("typed twice, the code gives two links and ten tries")
		}
		w.wrong(token, wrongTriesMax)
		if third, err := w.OpenByCode(w.ctx, code, home); err != nil || third != token {
			t.Errorf("a locked link is got round: %v", err)
		}
		if at, err := w.FindLink(w.ctx, token); err != nil || !at.Locked {
			t.Errorf("after five wrong answers: %+v %v", at, err)
		}
		w.must(w.LiftLock(w.ctx, administrator, d.caseID, w.linksOf(d)[0].ID))
		entry, err := w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)
		if entry.CaseID != d.caseID || entry.PartyID != d.partyID {
			t.Errorf("the check led to %+v", entry)
		}
	})
}

func (w *world) linksOf(d debtor) []Link {
	links, err := w.LinksOfCase(w.ctx, administrator, d.caseID)
	w.must(err)
	return links
}

func TestACodeThatOpensNothingReadsAndCostsWhatNoneCosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		codes := map[string]string{"unknown": "34679ACDEF", "empty": "", "hostile": "\x00\xff'; DROP TABLE letter_codes; --"}
		_, _, codes["expired"] = w.posted(true)
		w.product.forward(letterCodeGood) // the others are made after, and still good
		_, _, codes["not posted"] = w.posted(false)
		_, cancelled, code := w.posted(false)
		w.must(w.negotiation.CancelFirstLetter(w.ctx, administrator, cancelled.LetterID, "x"))
		codes["cancelled"] = code
		revoked, _, code := w.posted(true)
		w.must(w.RevokeLinks(w.ctx, administrator, revoked.caseID, ""))
		codes["revoked"] = code
		dead, _, code := w.posted(true)
		_, err := w.negotiation.PlaceHold(w.ctx, administrator, dead.caseID, negotiation.Hold{Reason: negotiation.HoldDeceased})
		w.must(err)
		codes["deceased"] = code
		costs := map[string]int{}
		for why, code := range codes {
			w.wall.forward(2 * time.Hour)
			costs[why] = w.statements(func() {
				_, err := w.FindLetterCode(w.ctx, code, home)
				w.refused(err, "code_unknown")
				_, err = w.OpenByCode(w.ctx, code, home)
				w.refused(err, "code_unknown")
			})
		}
		for why, n := range costs {
			if n == 0 || n != costs["unknown"] {
				t.Errorf("%s costs %d statements, unknown %d", why, n, costs["unknown"])
			}
		}
	})
}

func TestCodesAreTriedTenTimesAnHourAndTheAgencyHearsOfMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		overall := limitLetterOverall.most
		limitLetterOverall.most = 25
		defer func() { limitLetterOverall.most = overall }()
		_, made, code := w.posted(true)
		for range 12 { // what finds something is given back
			_, err := w.FindLetterCode(w.ctx, code, home)
			w.must(err)
		}
		for range 10 {
			_, err := w.FindLetterCode(w.ctx, "34679ACDEF", home)
			w.refused(err, "code_unknown")
		}
		_, err := w.FindLetterCode(w.ctx, code, home)
		w.refused(err, "too_many_tries")
		_, err = w.OpenByCode(w.ctx, code, home)
		w.refused(err, "too_many_tries")
		_, err = w.FindLetter(w.ctx, made.Reference, "2026-08-31", home)
		w.refused(err, "too_many_tries")
		if n := len(w.letters(negotiation.LetterCodeAlarm)); n != 0 {
			t.Fatalf("%d alarms for one address", n)
		}
		for _, address := range []string{"192.0.2.8", "192.0.2.9", "192.0.2.10"} {
			for range 10 {
				_, _ = w.FindLetterCode(w.ctx, "34679ACDEF", address)
			}
		}
		_, err = w.FindLetterCode(w.ctx, code, "192.0.2.11")
		w.refused(err, "too_many_tries")
		if n := len(w.letters(negotiation.LetterCodeAlarm)); n != 1 {
			t.Fatalf("%d alarms", n)
		}
		w.wall.forward(3 * time.Hour)
		_, err = w.FindLetterCode(w.ctx, code, home)
		w.must(err)
	})
}
