package sandbox

import "net/http"

// proofPage is the 3-D Secure step: the visitor plays the card's bank.
type proofPage struct {
	sheet
	Path, Sum, Card, Merchant string
	Words                     string // the phrases of the page: proof or paypal
}

// path is the page on which a challenge is answered.
func (c Challenge) path() string {
	if c.PayPal {
		return "/paypal/" + c.ID
	}
	return "/3ds/" + c.ID
}

func (c Challenge) words() string {
	if c.PayPal {
		return "paypal"
	}
	return "proof"
}

func (x *site) showProof(w http.ResponseWriter, r *http.Request) {
	asked, known := x.Challenge(r.PathValue("intent"))
	if !known {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	if asked.Status != "requires_action" {
		showMessage(w, r, http.StatusGone, "proof.over", x.afterProof(asked.ID, ""))
		return
	}
	visit, _ := x.Checkout(asked.Session) // an intent of no session has no merchant or language to tell
	lang := languageOf(r, visit.Locale)
	page := proofPage{sheet: sheet{Lang: lang, Title: say(lang, asked.words()+".title")}, Words: asked.words(), Path: asked.path(), Merchant: visit.Merchant,
		Sum: say(lang, "proof.amount.none")}
	if asked.Currency != "" {
		page.Sum = printSum(lang, asked.Amount, asked.Currency)
	}
	if asked.Last4 != "" {
		page.Card = say(lang, "proof.ends", brandName(asked.Brand), asked.Last4)
	}
	show(w, http.StatusOK, "proof.html", page)
}

// answerProof is what the visitor decides. Walking away changes nothing: the
// intent goes on waiting, as it does behind a phone that was put down.
func (x *site) answerProof(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	id := r.PathValue("intent")
	asked, known := x.Challenge(id)
	if !known {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	var err error
	switch r.PostFormValue("answer") {
	case "approve":
		err = x.Approve3DS(id)
	case "fail":
		err = x.Fail3DS(id)
	case "abandon":
		if asked.Session == "" {
			showMessage(w, r, http.StatusOK, "proof.left", asked.path())
			return
		}
		http.Redirect(w, r, "/c/pay/"+asked.Session, http.StatusSeeOther)
		return
	default:
		http.Redirect(w, r, asked.path(), http.StatusSeeOther)
		return
	}
	on := x.afterProof(id, asked.ReturnURL)
	switch {
	case on == "" && err != nil:
		showMessage(w, r, http.StatusGone, "proof.over", "")
	case on == "":
		key := "proof.no"
		if now, _ := x.Challenge(id); proven[now.Status] {
			key = "proof.yes"
		}
		showMessage(w, r, http.StatusOK, key, "")
	default: // also after a second click: the first one decided
		http.Redirect(w, r, on, http.StatusSeeOther)
	}
}

// proven are the states of an intent whose holder has proved who they are.
var proven = map[string]bool{"succeeded": true, "requires_capture": true, "processing": true}

// afterProof is where the visitor goes once the bank has its answer: back to
// the payment page, to the shop's own page with what Stripe tells it there, or
// nowhere.
func (s *Sandbox) afterProof(id, returnURL string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.owners[id]
	if t == nil {
		return ""
	}
	if session := t.sessionsOf[id]; session != nil {
		if session.Status == "complete" {
			return session.successURL()
		}
		return "/c/pay/" + session.ID
	}
	if returnURL == "" {
		return ""
	}
	if p, found := t.intents.get(id); found {
		return withQuery(returnURL, "payment_intent", id, "payment_intent_client_secret", p.ClientSecret, "redirect_status", redirectStatus(p.Status))
	}
	if set, found := t.setups.get(id); found {
		return withQuery(returnURL, "setup_intent", id, "setup_intent_client_secret", set.ClientSecret, "redirect_status", redirectStatus(set.Status))
	}
	return ""
}

func redirectStatus(status string) string {
	if proven[status] {
		return "succeeded"
	}
	return "failed"
}
