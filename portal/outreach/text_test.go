package outreach

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

var update = flag.Bool("update", false, "write testdata anew")

// sample is a letter of a kind with everything in it.
func sample(kind negotiation.LetterKind, language locale.Language) (*negotiation.Letter, *content) {
	l := &negotiation.Letter{ID: "0192", Kind: kind, Language: string(language), TextVersion: negotiation.TextVersion, Recipient: negotiation.ToCreditor}
	if slices.Contains(quoting, kind) {
		l.Recipient = negotiation.ToParty
	}
	return l, &content{
		Agency: agency{Name: "Agence Aubrelle", Address: "12 rue de la Paix, 69002 Lyon", Phone: "+33536491230",
			Hours: "du lundi au vendredi, de 9 h à 18 h", Email: "bonjour@aubrelle.example"},
		AgentName: "Nadia Ferrand", ThirdParty: true, ToCreditor: true, Creditor: "Atelier Boréal SARL", CaseReference: "AM\u00a07K4P\u00a09XWD\u00a03",
		FirstLetter: "PL-2026-0412", FirstLetterOn: day.MustParse("2026-11-02"),
		Link: "https://portail.aubrelle.example/l/tOkEn", NotMeURL: "https://portail.aubrelle.example/l/tOkEn/not-me",
		CheckURL: "https://portail.aubrelle.example/is-it-real", PaymentsURL: "https://portail.aubrelle.example/creditor/payments",
		ConnectURL: "https://portail.aubrelle.example/creditor/connect", AgentCaseURL: "https://portail.aubrelle.example/agent/cases/1", Code: "482913",
		Payment: paymentFacts{Amount: money.Euros(130_00), On: "2026-11-20", Debtor: "Maëlle Vasseur", Principal: money.Euros(126_40), Interest: money.Euros(3_60),
			Indemnity: money.Euros(0), Fee: money.Euros(15_60), Left: money.Euros(1_248_60)},
		Excess: money.Euros(5_00), Relation: "moved", Note: "Elle a déménagé en 2024.", Wish: "plan",
		Invoice: "2026-0318", On: day.MustParse("2027-05-02"), Assumed: true, CasesURL: "https://portail.aubrelle.example/creditor/cases",
		For: "Maëlle Vasseur", Situation: "insolvency", Debtor: "Maëlle Vasseur",
		Offer: offerFacts{
			Debtor: "Maëlle Vasseur", ByDebtor: true, Owed: money.Euros(1_248_60), Total: money.Euros(1_130_00), Rebate: money.Euros(118_60), Instalments: 3, Every: "monthly",
			Sums: []sums{{2, money.Euros(376_67)}, {1, money.Euros(376_66)}}, First: "2026-12-05", Last: "2027-02-05", AnswerBy: "2026-11-26", HasMessage: true, PolicyVersion: 2, Verdict: "no",
			Reasons: []reason{{"instalments_max", 2, money.Euros(2)}, {"instalment_min", 400_00, money.Euros(400_00)}, {"rebate_max", 60_00, money.Euros(60_00)}},
			Outcome: "rejected", Reason: "Trop long pour notre trésorerie", AnsweredBy: "Ada Boréal", How: "policy",
		},
		Line: lineFacts{Number: 2, Due: "2027-01-12", WasDue: "2027-01-05", End: "2027-02-05", Left: money.Euros(376_67)}, Until: "2026-12-15",
		Dispute: disputeFacts{
			ID: "d", Ground: "goods_or_service", State: "partly_upheld", Invoice: "F-2026-118", Debtor: "Maëlle Vasseur", Round: 1, Amount: money.Euros(376_67), AnswerBy: "2026-11-30",
			Credited: money.Euros(130_00), Left: money.Euros(1_248_60),
		},
		Back:  backFacts{Amount: money.Euros(45_00), On: "2026-11-20", Paid: money.Euros(130_00), Kept: money.Euros(85_00), Left: money.Euros(1_248_60), What: "refund", Step: "approve", Debtor: "Maëlle Vasseur"},
		Given: givenFacts{What: negotiation.GivenCredit, Number: "AV-2026-17", Invoice: "F-2026-118", Amount: money.Euros(130_00), Left: money.Euros(1_248_60)},
		Message: messageFacts{
			FromAgency: true, Who: "Nadia Ferrand", Debtor: "Maëlle Vasseur",
			CreditorURL: "https://portail.aubrelle.example/creditor/cases/1/messages", AgentURL: "https://portail.aubrelle.example/agent/cases/1/messages",
		},
		DisputeURL: "https://portail.aubrelle.example/creditor/cases/1/disputes/2", AgentDisputeURL: "https://portail.aubrelle.example/agent/cases/1/disputes/2",
		OutcomeURL: "https://portail.aubrelle.example/creditor/cases/1/disputes/2/outcome?round=1",
		OfferURL:   "https://portail.aubrelle.example/creditor/cases/1/offers/2", CreditorCaseURL: "https://portail.aubrelle.example/creditor/cases/1",
		PayoutsURL: "https://portail.aubrelle.example/creditor/payouts",
		Digest:     negotiation.Digest{Count: 22, Total: money.Euros(1_930_00), More: 21, Rows: []negotiation.DigestRow{{Debtor: "Maëlle Vasseur", Amount: money.Euros(130_00), On: "2026-11-20"}}},
		TalkURL:    "https://portail.aubrelle.example/l/tOkEn?to=message",
		Security:   securityFacts{"recovery_used", 9},
	}
}

// everyLetter writes each kind in each language; one that goes to both sides is
// written to each, and so is every outcome that has words of its own.
func everyLetter(t *testing.T, look func(kind string, to negotiation.Recipient, l locale.Language, w written)) {
	t.Helper()
	all, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range locale.Languages {
		for _, kind := range kinds {
			for name, change := range variants[kind] {
				for _, to := range []negotiation.Recipient{negotiation.ToCreditor, negotiation.ToParty} {
					letter, c := sample(kind, l)
					if slices.Contains(toBoth, kind) {
						letter.Recipient, c.ToCreditor = to, to == negotiation.ToCreditor
						name += "." + string(to)
					} else if to == negotiation.ToParty {
						continue
					}
					change(c)
					w, err := all.write(letter, c)
					if err != nil {
						t.Fatal(err)
					}
					look(string(kind)+name, letter.Recipient, l, w)
					name = strings.TrimSuffix(name, "."+string(to))
				}
			}
		}
	}
}

// variants are the ways in which a kind can turn out, by what is added to its
// name.
var variants = func() map[negotiation.LetterKind]map[string]func(*content) {
	list := map[negotiation.LetterKind]map[string]func(*content){
		negotiation.LetterSituation: {
			"": func(*content) {}, ".admitted": func(c *content) { c.Situation = "overindebtedness_admitted" }, ".measures": func(c *content) { c.Situation = "measures_adopted" },
			".erased": func(c *content) { c.Situation = "debt_erased" },
		},
		negotiation.LetterOffer: {
			".refer": func(c *content) {
				c.Offer.Verdict, c.Offer.Reasons, c.Offer.HasMessage = "refer", []reason{{"person_above", 1_000_00, money.Euros(1_000_00)}}, false
			},
			".once": func(c *content) {
				c.Offer.PolicyVersion, c.Offer.Instalments, c.Offer.Sums, c.Offer.Last = 0, 1, []sums{{1, money.Euros(1_130_00)}}, c.Offer.First
			},
		},
		negotiation.LetterOfferEnded: {
			".theirs":     func(c *content) { c.Offer.ByDebtor = false },
			".withdrawn":  func(c *content) { c.Offer.Outcome, c.Offer.ByDebtor, c.Offer.Reason = "withdrawn", false, "" },
			".nothing":    func(c *content) { c.Offer.Outcome, c.Offer.Reason = "withdrawn", "nothing_left" },
			".expired":    func(c *content) { c.Offer.Outcome, c.Offer.Reason = "expired", "" },
			".unanswered": func(c *content) { c.Offer.Outcome, c.Offer.ByDebtor, c.Offer.Reason = "expired", false, "" },
		},
		negotiation.LetterOfferRenewed: {".turn": func(c *content) { c.Offer.DebtorsTurn = true }},
		negotiation.LetterPlanAgreed: {
			".page":       func(c *content) { c.Offer.How, c.Offer.Every = "page", "fortnightly" },
			".delegation": func(c *content) { c.Offer.How, c.Offer.Every = "delegation", "weekly" },
			".charges":    func(c *content) { c.Charge.Asked = true },
		},
		negotiation.LetterInstalmentSoon: {".charged": func(c *content) { c.Charge.Charged = true }},
		negotiation.LetterChargeDeclined: {
			".retry":    func(c *content) { c.Charge.Course, c.Charge.Again = "retry", "2026-12-08" },
			".proof":    func(c *content) { c.Charge.Course = "proof" },
			".new_card": func(c *content) { c.Charge.Course = "new_card" },
		},
		negotiation.LetterAuthorityEnded: {
			".revoked":   func(c *content) { c.Charge.Why = "revoked" },
			".at_bank":   func(c *content) { c.Charge.Why = "revoked_at_bank" },
			".contested": func(c *content) { c.Charge.Why = "contested" },
		},
		negotiation.LetterDispute: {".again": func(c *content) {
			c.Dispute.Round, c.Dispute.Amount, c.Dispute.Ground = 2, money.Euros(0), "not_mine"
		}},
		negotiation.LetterDisputeToAgency: {".ground": func(c *content) { c.Dispute.State, c.Dispute.Ground = "opened", "time_barred" }},
		negotiation.LetterDisputeOutcome: {
			".upheld":    func(c *content) { c.Dispute.State, c.Dispute.Ground = "upheld", "already_paid" },
			".rejected":  func(c *content) { c.Dispute.State, c.Dispute.Ground = "rejected", "wrong_amount" },
			".agreed":    func(c *content) { c.Dispute.State, c.Dispute.Ground = "agreed", "cancelled" },
			".withdrawn": func(c *content) { c.Dispute.State, c.Dispute.Ground = "withdrawn", "other" },
		},
		negotiation.LetterRefundNotice: {".failed": func(c *content) { c.Back.What = "refund_failed" }},
		negotiation.LetterChargebackNotice: {
			".won":  func(c *content) { c.Back.What = "won" },
			".lost": func(c *content) { c.Back.What = "lost" },
		},
		negotiation.LetterRefundToAgency: {
			".came_back":  func(c *content) { c.Back.Step = "came_back" },
			".refused":    func(c *content) { c.Back.Step = "refused" },
			".unanswered": func(c *content) { c.Back.Step = "unanswered" },
		},
		negotiation.LetterLowered:       {".claim": func(c *content) { c.Given.What, c.Given.Number = negotiation.GivenClaim, "" }},
		negotiation.LetterChargebackDue: {".someday": func(c *content) { c.Back.On = "" }},
		negotiation.LetterMessage: {
			".others":  func(c *content) { c.Message.FromAgency, c.Message.Who = false, "Maëlle Vasseur" },
			".adviser": func(c *content) { c.Message.ToAdviser = true },
		},
		negotiation.LetterMessageToAgency: {".creditor": func(c *content) { c.Message.FromAgency, c.Message.FromCreditor = false, true }},
		negotiation.LetterSecurity: {
			".made":     func(c *content) { c.Security.What = "recovery_made" },
			".off":      func(c *content) { c.Security.What = "authenticator_off" },
			".sessions": func(c *content) { c.Security.What = "sessions_ended" },
		},
		negotiation.LetterPlanChanged: {".skipped": func(c *content) { c.Line.Skipped = true }},
	}
	for _, kind := range kinds {
		if list[kind] == nil {
			list[kind] = map[string]func(*content){}
		}
		list[kind][""] = func(*content) {}
	}
	return list
}()

func TestEveryLetterReadsAsItWasAgreed(t *testing.T) {
	golden := func(name, got string) {
		t.Helper()
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != got {
			t.Errorf("%s has changed; it is now:\n%s", name, got)
		}
	}
	everyLetter(t, func(kind string, _ negotiation.Recipient, l locale.Language, w written) {
		golden(kind+"."+string(l)+".txt", w.Subject+"\n"+w.Preview+"\n\n"+w.Text)
		if slices.Contains([]negotiation.LetterKind{negotiation.LetterLink, negotiation.LetterCode, negotiation.LetterPaymentNotice, negotiation.LetterOffer, negotiation.LetterMissed}, negotiation.LetterKind(kind)) {
			golden(kind+"."+string(l)+".html", w.HTML)
		}
	})
}

func TestADebtorsLetterTellsNothingToWhoeverLooksOn(t *testing.T) {
	everyLetter(t, func(kind string, to negotiation.Recipient, l locale.Language, w written) {
		if to != negotiation.ToParty || toAdviser(kind) { // an adviser is no debtor: see below
			return
		}
		want := map[locale.Language]string{"fr": "Agence Aubrelle\u00a0: un message vous attend", "en": "Agence Aubrelle: a message is waiting for you"}[l]
		if kind == string(negotiation.LetterCode) { // it was asked for just now, and is to be found among the others
			want = map[locale.Language]string{"fr": "Agence Aubrelle\u00a0: votre code", "en": "Agence Aubrelle: your code"}[l]
		}
		if w.Subject != want {
			t.Errorf("%s %s: the subject is %q", kind, l, w.Subject)
		}
		first, _, _ := strings.Cut(w.Text, "\n\n")
		for _, seen := range []string{w.Subject, w.Preview, first} {
			for _, never := range []string{"Boréal", "PL-2026", "482913", "dette", "debt", "paiement", "payment", "AM 7K4P"} {
				if strings.Contains(seen, never) {
					t.Errorf("%s %s shows %q before it is opened: %s", kind, l, never, seen)
				}
			}
		}
		for _, body := range []string{w.Text, html.UnescapeString(w.HTML)} {
			for _, never := range []string{"€", "130", "376", "1\u202f248", "1,248", "F-2026", "AM 7K4P", "facture", "invoice", "trésorerie", "Maëlle"} {
				if strings.Contains(body, never) {
					t.Errorf("%s %s says %q", kind, l, never)
				}
			}
			for _, must := range []string{"Agence Aubrelle", "Atelier Boréal SARL", "PL-2026-0412", l.Date("2026-11-02"), "05\u00a036\u00a049\u00a012\u00a030", "is-it-real"} {
				if !strings.Contains(strings.ReplaceAll(body, "\n", " "), must) {
					t.Errorf("%s %s does not say %q", kind, l, must)
				}
			}
		}
	})
}

// toAdviser says whether a letter goes to an adviser's mailbox.
func toAdviser(kind string) bool {
	return kind == string(negotiation.LetterAdviser) || kind == string(negotiation.LetterMessage)+".adviser.party"
}

// An adviser's mailbox was typed by the debtor: what is in it names who asks,
// and nothing of what it is about.
func TestAnAdvisersLetterSaysWhoAsksAndNothingOfTheCase(t *testing.T) {
	everyLetter(t, func(kind string, _ negotiation.Recipient, l locale.Language, w written) {
		if !toAdviser(kind) {
			return
		}
		if strings.Contains(w.Subject+w.Preview, "Vasseur") {
			t.Errorf("%s: %q shows who asks before it is opened", l, w.Subject+w.Preview)
		}
		for _, body := range []string{w.Text, html.UnescapeString(w.HTML)} {
			for _, never := range []string{"Boréal", "€", "130", "1\u202f248", "facture", "invoice", "dette", "debt", "AM 7K4P", "482913"} {
				if strings.Contains(body, never) {
					t.Errorf("%s says %q", l, never)
				}
			}
			for _, must := range []string{"Agence Aubrelle", "Maëlle Vasseur", l.Date("2026-12-15"), "PL-2026-0412", "is-it-real", "/not-me"} {
				if !strings.Contains(strings.ReplaceAll(body, "\n", " "), must) {
					t.Errorf("%s does not say %q", l, must)
				}
			}
		}
	})
}

// CPCE R124-5: what a creditor is told of an offer lets it answer.
func TestACreditorReadsTheTermsOfAnOffer(t *testing.T) {
	everyLetter(t, func(kind string, _ negotiation.Recipient, l locale.Language, w written) {
		if kind != string(negotiation.LetterOffer) {
			return
		}
		text := strings.ReplaceAll(w.Text, "\n", " ")
		for _, must := range []string{"Maëlle Vasseur", l.Amount(money.Euros(1_248_60)), l.Amount(money.Euros(1_130_00)), l.Amount(money.Euros(118_60)),
			"2 × " + l.Amount(money.Euros(376_67)), "1 × " + l.Amount(money.Euros(376_66)), l.Date("2026-12-05"), l.Date("2027-02-05"), l.Date("2026-11-26"),
			l.Amount(money.Euros(400_00)), l.Amount(money.Euros(60_00)), "/creditor/cases/1/offers/2", "R124-5"} {
			if !strings.Contains(text, must) && !strings.Contains(text, strings.TrimPrefix(must, "1 × ")) {
				t.Errorf("%s does not say %q:\n%s", l, must, w.Text)
			}
		}
	})
}

// The two ways on after a missed instalment stand side by side, each a button.
func TestAMissedInstalmentHasTwoEqualWaysOn(t *testing.T) {
	everyLetter(t, func(kind string, _ negotiation.Recipient, l locale.Language, w written) {
		buttons := 0
		for _, b := range w.Blocks {
			if b.Kind == blockButton {
				buttons++
			}
		}
		if kind == string(negotiation.LetterMissed) && buttons != 2 {
			t.Errorf("%s has %d buttons", l, buttons)
		}
	})
}

// The HTML says what the text says: both are made of the same blocks.
func TestTheHTMLSaysTheSame(t *testing.T) {
	tags := regexp.MustCompile(`(?s)<head>.*</head>|<div style="display:none.*?</div>|<[^>]*>`)
	words := func(text string) string {
		return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\u00a0:-", r) }), " ")
	}
	everyLetter(t, func(kind string, _ negotiation.Recipient, l locale.Language, w written) {
		seen := words(html.UnescapeString(tags.ReplaceAllString(w.HTML, " ")))
		for _, b := range w.Blocks {
			for _, text := range []string{b.Text} {
				if !strings.Contains(seen, words(text)) {
					t.Errorf("%s %s: the HTML lacks %q", kind, l, text)
				}
			}
			if b.Kind == blockButton && (!strings.Contains(w.HTML, `href="`+b.Address+`"`) || !strings.Contains(w.Text, "\n"+b.Address+"\n")) {
				t.Errorf("%s %s: %s is not a link in both", kind, l, b.Address)
			}
			for _, f := range b.Facts {
				if f.Label == "" || f.Value == "" || !strings.Contains(seen, words(f.Label+" "+f.Value)) {
					t.Errorf("%s %s: the fact %v", kind, l, f)
				}
			}
		}
		if strings.Contains(w.HTML, "<script") || strings.Contains(w.HTML, "<img") || strings.Contains(w.HTML, "ZgotmplZ") {
			t.Errorf("%s %s: a script, a picture that counts readers, or a blocked value", kind, l)
		}
		if strings.Contains(w.Text+w.HTML+w.Subject, "<no value>") || strings.Contains(w.Text, "{{") {
			t.Errorf("%s %s: an empty place", kind, l)
		}
	})
}

// forbidden are the words of law.md §11 and C. conso L121-2, L121-6, CP 433-13.
var forbidden = []string{
	`saisi[er]?s?\b`, `huissier`, `tribuna`, `\bjuge\b`, `\bcourt\b`, `dernier avis`, `dernier rappel`, `frais de recouvrement`, `fichage|fiché`,
	`mise en demeure`, `formal notice`, `poursuit`, `sommation`, `commandement`, `contentieux`, `crédit\b`, `\bcredit\b`, `loan`, `médiateur`, `mediator`,
	`certifié`, `mauvais payeur`, `défaillan`, `urgent`, `immédiat`, `immediate`, `vous devez`, `you must`, `you owe`, `final notice`, `last chance`, `bailiff`,
	`seizure`, `prosecut`, `blacklist`, `effac`, `delete`, `[!]`, `\b[A-ZÀ-Þ]{5,}\b`, `avant le`, `dans les .* heures`, `within .* hours`,
}

func TestNoLetterFrightensOrMisleads(t *testing.T) {
	everyLetter(t, func(kind string, _ negotiation.Recipient, l locale.Language, w written) {
		text := strings.ReplaceAll(w.Subject+"\n"+w.Preview+"\n"+w.Text, "Boréal SARL", "")
		text = regexp.MustCompile(`https://\S+|AM\x{a0}[0-9A-Z\x{a0}]+`).ReplaceAllString(text, "")
		for _, word := range forbidden {
			flags := "(?i)"
			if strings.Contains(word, "[A-Z") {
				flags = ""
			}
			if found := regexp.MustCompile(flags + word).FindString(text); found != "" {
				t.Errorf("%s %s says %q", kind, l, found)
			}
		}
		if l == locale.French {
			if found := regexp.MustCompile(` [;:!?%€»]|« |'`).FindString(text); found != "" {
				t.Errorf("%s may break at %q, or is typed badly:\n%s", kind, found, text)
			}
		}
	})
}

func TestAValueFromOutsideStaysAValue(t *testing.T) {
	all, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	l, c := sample(negotiation.LetterNotMe, locale.French)
	c.Note = line("merci\n\n=> Payez ici | https://evil.example\r\nBcc: all@example.test\x00 <b>")
	w, err := all.write(l, c)
	if err != nil {
		t.Fatal(err)
	}
	buttons := 0
	for _, b := range w.Blocks {
		if b.Kind == blockButton {
			buttons++
		}
	}
	if buttons != 1 || strings.Contains(w.HTML, `href="https://evil`) || strings.Contains(w.HTML, "<b>") {
		t.Errorf("%d buttons in:\n%s", buttons, w.HTML)
	}
}

func TestSpansEndWhereTheAddressDoes(t *testing.T) {
	got := spans("Voir https://a.example/x-1, ou http://b.example. Fin")
	if len(got) != 5 || got[1].Address != "https://a.example/x-1" || got[3].Address != "http://b.example" || got[4].Text != ". Fin" {
		t.Errorf("%+v", got)
	}
}
