package sandbox

import (
	"net/http"
	"time"
)

// mandateText is what the payer of a debit agrees to, in the words of the
// scheme's mandate (SDD Core Rulebook, annex VII).
func mandateText(lang, creditor string) string { return say(lang, "till.mandate", creditor) }

// mandatePage shows a mandate to whoever gave it.
type mandatePage struct {
	sheet
	Rows []printedLine
	Text string
}

// showMandate is the page that a mandate's url leads to.
func (x *site) showMandate(w http.ResponseWriter, r *http.Request) {
	lang := languageOf(r, "")
	page, found := x.mandatePage(lang, r.PathValue("reference"))
	if !found {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	show(w, http.StatusOK, "mandate.html", page)
}

func (s *Sandbox) mandatePage(lang, reference string) (mandatePage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(cause{})
	for _, t := range s.tenants {
		for _, m := range t.mandates.rows {
			d := m.PaymentMethodDetails.SepaDebit
			if d == nil || d.Reference != reference {
				continue
			}
			account, _ := t.paymentMethods.get(m.PaymentMethod)
			creditor, identifier := "Amiable sandbox", creditorIdentifier(t.id)
			if to := s.tenants[m.onBehalfOf]; to != nil {
				identifier = creditorIdentifier(to.id)
				if name := value(to.self.BusinessProfile.Name); name != "" {
					creditor = name
				}
			}
			page := mandatePage{sheet: sheet{Lang: lang, Title: say(lang, "mandate.title")}, Text: mandateText(lang, creditor), Rows: []printedLine{
				{say(lang, "mandate.reference"), d.Reference}, {say(lang, "mandate.creditor"), creditor}, {say(lang, "mandate.identifier"), identifier},
			}}
			if account != nil && account.SepaDebit != nil {
				page.Rows = append(page.Rows, printedLine{say(lang, "mandate.account"), value(account.SepaDebit.Country) + " ·· " + value(account.SepaDebit.Last4)})
				if name := value(account.BillingDetails.Name); name != "" {
					page.Rows = append(page.Rows, printedLine{say(lang, "mandate.payer"), name})
				}
			}
			page.Rows = append(page.Rows, printedLine{say(lang, "mandate.kind"), say(lang, "mandate.recurrent")},
				printedLine{say(lang, "mandate.on"), printMoment(lang, time.Unix(m.CustomerAcceptance.AcceptedAt, 0))})
			return page, true
		}
	}
	return mandatePage{}, false
}
