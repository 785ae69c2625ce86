package sandbox

import (
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkoutPage is the hosted payment page.
type checkoutPage struct {
	sheet
	Checkout
	Path                     string
	Sum                      string
	Lines                    []printedLine
	Back                     string // cancel_url
	Until                    string
	First, Rest              []offer
	Form                     checkoutForm
	Card, Debit, PayPal      bool // what may be paid with
	Transfer                 bool
	Mandate                  string // what the payer of a debit agrees to
	DebitOffers, OtherDebits []debitOffer
	Proof                    string // the 3-D Secure page that waits for an answer
	Declined                 string // what the bank said to the latest attempt
}

type printedLine struct{ Name, Sum string }

// checkoutForm is what a visitor has typed.
type checkoutForm struct {
	Email, Number, Expiry, CVC, Name, IBAN string
}

// wallets are the ways of paying that need no card form: they hold one test card.
var wallets = []string{"apple_pay", "google_pay"}

const walletCard = "4242424242424242"

// invented is what the sandbox writes in a form that it fills.
const inventedName = "Claire Vasseur"

func (x *site) showCheckout(w http.ResponseWriter, r *http.Request) {
	visit, ok := x.visit(w, r)
	if !ok {
		return
	}
	page := x.checkoutPage(r, visit)
	switch card := cardsByNumber[r.URL.Query().Get("card")]; {
	case card != nil: // whoever chooses another card has read why
		page.fill(card, x.Now())
	case visit.Problem != "" && page.Proof == "":
		page.declined(visit.Problem)
	}
	show(w, http.StatusOK, "checkout.html", page)
}

// visit finds the session of a request. One that is over is answered here.
func (x *site) visit(w http.ResponseWriter, r *http.Request) (Checkout, bool) {
	visit, err := x.Checkout(r.PathValue("session"))
	if err != nil {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return visit, false
	}
	if visit.State == CheckoutOpen {
		return visit, true
	}
	lang := languageOf(r, visit.Locale)
	total := printSum(lang, visit.Amount, visit.Currency)
	page := closedPage{sheet: sheet{Lang: lang, Title: say(lang, "expired.title")}, Text: say(lang, "expired.text"), WayOn: visit.CancelURL, Label: say(lang, "expired.back")}
	status := http.StatusGone
	if visit.State == CheckoutComplete {
		page = closedPage{sheet: sheet{Lang: lang, Title: say(lang, "done.title")}, Text: say(lang, "done.paid", total), WayOn: visit.SuccessURL, Label: say(lang, "done.on")}
		switch {
		case visit.Mode == "setup":
			page.Text = say(lang, "done.saved")
		case visit.Announced != "":
			page.Text, page.WayOn, page.Label = say(lang, "done.transfer", total), visit.Announced, say(lang, "done.transfer.how")
		case visit.PaymentStatus == "unpaid":
			page.Text = say(lang, "done.debit", total)
		}
		status = http.StatusOK
	}
	show(w, status, "closed.html", page)
	return visit, false
}

// closedPage says that a page is over, and leads on.
type closedPage struct {
	sheet
	Text, WayOn, Label string
}

func (x *site) checkoutPage(r *http.Request, visit Checkout) *checkoutPage {
	lang := languageOf(r, visit.Locale)
	path := "/c/pay/" + visit.ID
	page := &checkoutPage{Checkout: visit, Path: path, Sum: printSum(lang, visit.Amount, visit.Currency), Back: visit.CancelURL,
		Card: slices.Contains(visit.Methods, "card"), Debit: slices.Contains(visit.Methods, "sepa_debit"), PayPal: slices.Contains(visit.Methods, "paypal"),
		Transfer: slices.Contains(visit.Methods, bankTransfer), Form: checkoutForm{Email: visit.Email}}
	page.Lang, page.Title, page.Wide = lang, say(lang, "till.pay", visit.Merchant), true
	if visit.Mode == "setup" {
		page.Title = say(lang, "till.save", visit.Merchant)
	}
	for _, line := range visit.Lines {
		name := line.Description
		if line.Quantity != 1 {
			name = say(lang, "till.quantity", line.Quantity, name)
		}
		page.Lines = append(page.Lines, printedLine{name, printSum(lang, line.Amount, visit.Currency)})
	}
	if end, known := x.closes(visit.ID); known {
		page.Until = printMoment(lang, end)
	}
	page.First, page.Rest = offers(lang, path, "", x.Now())
	if page.Debit {
		page.DebitOffers, page.OtherDebits = shownDebits(lang)
		page.Mandate = mandateText(lang, visit.Merchant)
	}
	if visit.Intent != "" {
		asked, _ := x.Challenge(visit.Intent)
		page.Proof = asked.path()
	}
	return page
}

// closes is when an open session ends by itself.
func (s *Sandbox) closes(id string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session := s.session(id)
	if session == nil {
		return time.Time{}, false
	}
	return time.Unix(session.ExpiresAt, 0), true
}

// fill writes a listed card into the form, for a visitor who chose it.
func (p *checkoutPage) fill(card *testCard, now time.Time) {
	p.Form = checkoutForm{Email: p.Form.Email, Number: groupedDigits(card.number), Expiry: someExpiry(now), CVC: someCode(card), Name: inventedName}
	if p.Form.Email == "" {
		p.Form.Email = "claire@example.com"
	}
	p.First, p.Rest = offers(p.Lang, p.Path, card.number, now)
}

func (p *checkoutPage) declined(why string) {
	p.Declined = declineIn(p.Lang, why)
}

// payCheckout is a visitor submitting the form. Sent twice, it pays once: the
// engine answers a session that is complete with the same way on.
func (x *site) payCheckout(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	visit, err := x.Checkout(r.PathValue("session"))
	if err == nil && visit.State == CheckoutComplete {
		http.Redirect(w, r, visit.SuccessURL, http.StatusSeeOther)
		return
	}
	visit, ok := x.visit(w, r)
	if !ok {
		return
	}
	page := x.checkoutPage(r, visit)
	card := page.read(r, x.Now())
	if len(page.Problems) > 0 {
		show(w, http.StatusUnprocessableEntity, "checkout.html", page)
		return
	}
	result, err := x.CompleteCheckout(visit.ID, card)
	switch {
	case err != nil: // the sandbox was emptied since the page was found
		showMessage(w, r, http.StatusNotFound, "nothing", "")
	case result.URL != "":
		http.Redirect(w, r, result.URL, http.StatusSeeOther)
	case result.State == CheckoutDeclined:
		page.declined(result.Message)
		page.Form.CVC = ""
		show(w, http.StatusPaymentRequired, "checkout.html", page)
	default: // it expired between the page and the payment
		http.Redirect(w, r, page.Path, http.StatusSeeOther)
	}
}

// read judges the form. Numbers that are not on the list are not kept, not even
// in the page that refuses them: one could be a real card's.
func (p *checkoutPage) read(r *http.Request, now time.Time) Card {
	form := checkoutForm{Email: trimmed(r, "email"), Number: trimmed(r, "number"), Expiry: trimmed(r, "expiry"), CVC: trimmed(r, "cvc"), Name: trimmed(r, "name")}
	if p.Checkout.Email != "" { // given by whoever opened the session
		form.Email = p.Checkout.Email
	}
	p.Form = form
	wrong := func(field, key string, args ...any) {
		p.Problems = append(p.Problems, problem{field, p.T(key, args...)})
	}
	card := Card{Name: form.Name, Email: form.Email, Country: "FR"}
	if wallet := r.PostFormValue("wallet"); wallet != "" {
		if !slices.Contains(wallets, wallet) || !p.Card {
			wrong("", "till.bad.method")
		}
		if card.Name == "" {
			card.Name = inventedName
		}
		if card.Email == "" {
			card.Email = "claire@example.com"
		}
		card.Number, card.CVC, card.Wallet = walletCard, "123", wallet
		return card
	}
	if method := r.PostFormValue("method"); method == "paypal" || method == bankTransfer {
		card.PayPal, card.Transfer = method == "paypal", method == bankTransfer
		if card.PayPal && !p.PayPal || card.Transfer && !p.Transfer {
			wrong("", "till.bad.method")
		}
		if card.Name == "" {
			card.Name = inventedName
		}
		if card.Email == "" {
			card.Email = "claire@example.com"
		}
		return card
	}
	if form.Email == "" || !plausibleAddress(form.Email) {
		wrong("email", "till.bad.email")
	}
	if r.PostFormValue("method") == "sepa_debit" {
		card.IBAN = plainIBAN(trimmed(r, "iban"))
		if !listedDebit(card.IBAN) || !p.Debit {
			wrong("iban", "till.bad.iban")
		} else {
			p.Form.IBAN = card.IBAN
		}
		if form.Name == "" {
			card.Name = inventedName
		}
		return card
	}
	if !p.Card {
		wrong("", "till.bad.method")
		return card
	}
	p.readCard(&card, wrong, now)
	if form.Name == "" {
		wrong("name", "till.bad.name")
	}
	return card
}

func (p *checkoutPage) readCard(card *Card, wrong func(field, key string, args ...any), now time.Time) {
	card.Number = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "\u202f", "").Replace(p.Form.Number)
	listed := cardsByNumber[card.Number]
	codeLength := 3
	switch {
	case card.Number == "":
		wrong("number", "till.bad.number")
	case listed == nil:
		p.Form.Number, p.Form.CVC = "", ""
		wrong("number", "till.bad.number.listed")
	default:
		p.Form.Number = groupedDigits(listed.number)
		codeLength = listed.securityDigits()
	}
	month, year, ok := readExpiry(p.Form.Expiry)
	end := time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)
	switch {
	case !ok:
		wrong("expiry", "till.bad.expiry")
	case !end.After(now):
		wrong("expiry", "till.bad.expired", printMoment(p.Lang, now))
	case year > now.Year()+50:
		wrong("expiry", "till.bad.far")
	}
	card.ExpMonth, card.ExpYear = month, year
	card.CVC = p.Form.CVC
	if listed != nil && (len(card.CVC) != codeLength || strings.Trim(card.CVC, "0123456789") != "") {
		p.Form.CVC = ""
		wrong("cvc", "till.bad.cvc", codeLength)
	}
}

// readExpiry reads 12/34, 12 / 2034, 1234 and the like.
func readExpiry(text string) (month, year int, ok bool) {
	digits := strings.NewReplacer(" ", "", "/", "", "-", "", ".", "").Replace(text)
	before, _, parted := strings.Cut(text, "/")
	if before = strings.TrimSpace(before); parted && len(before) == 1 {
		digits = "0" + digits
	}
	if len(digits) != 4 && len(digits) != 6 || strings.Trim(digits, "0123456789") != "" {
		return 0, 0, false
	}
	month, _ = strconv.Atoi(digits[:2]) // digits, as seen above
	year, _ = strconv.Atoi(digits[2:])
	if year < 100 {
		year += 2000
	}
	return month, year, month >= 1 && month <= 12
}

func trimmed(r *http.Request, name string) string {
	text := strings.TrimSpace(strings.ToValidUTF8(r.PostFormValue(name), ""))
	if len(text) > 200 {
		return ""
	}
	return text
}

func plausibleAddress(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && strings.Contains(text, ".")
}
