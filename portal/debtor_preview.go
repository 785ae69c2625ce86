package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

// stepPreview asks what a form would come to; nothing is done by it.
const stepPreview = "preview"

// byScript says that a page's script asks, and nobody pressed a button.
func byScript(c echo.Context) bool {
	return c.Request().Header.Get("X-Requested-With") == "XMLHttpRequest"
}

// previewTerms shows what terms come to while they are typed: the page's script
// asks for it and puts the parts where they belong. Nothing is kept of it.
func (s *Server) previewTerms(c echo.Context, kind string, d *desk, form page.Form) error {
	if byScript(c) {
		noDocument(c)
	}
	p := &page.TermsPreview{Base: s.inCase(c, d.file), Desk: s.onDesk(c, d), Kind: kind}
	var err error
	if kind == page.TermsPlan {
		first := readDay(&page.Form{Values: form.Values}, "first_on")
		if p.Suggestions, _, err = suggestions(d, first); err != nil {
			return err
		}
	}
	terms, considered, refused, err := s.consider(c, kind, d, &form)
	if err != nil {
		return err
	}
	if refused != 0 && form.Bad() {
		p.Missing = &form.Errors[0]
		return s.show(c, http.StatusOK, p)
	}
	p.Shown, p.Verdict = shown(terms, considered.Owed, considered.Schedule), verdict(d, considered)
	if p.Verdict != page.VerdictNo {
		return s.show(c, http.StatusOK, p)
	}
	if terms.FirstDueOn.Before(p.AnswerBy) {
		p.AskFrom = p.AnswerBy
	}
	if kind == page.TermsSettlement { // the smallest sum is never named while the reader still writes theirs
		return s.show(c, http.StatusOK, p)
	}
	for _, r := range considered.Verdict.Reasons {
		p.Reasons = append(p.Reasons, outside(r, d, considered))
	}
	if near := considered.Verdict.Nearest; near != nil {
		inside, err := d.file.Consider(d.policy, *near, d.today)
		if err != nil {
			return err
		}
		nearest := shown(*near, inside.Owed, inside.Schedule)
		p.Nearest = &nearest
	}
	return s.show(c, http.StatusOK, p)
}

// verdict is what becomes of terms: where no policy is set nobody said no, and
// the creditor answers, as always.
func verdict(d *desk, considered *negotiation.Considered) string {
	if considered.Verdict.Answer == negotiation.No && !d.policy.IsSet() {
		return page.VerdictRefer
	}
	return string(considered.Verdict.Answer)
}

// suggestions are the plans that are suggested, and whether they are accepted as
// soon as they are sent. They are chosen for the usual first day; first says
// from which they would run instead, where it can be one.
func suggestions(d *desk, first negotiation.Day) (list []page.Suggestion, atOnce bool, err error) {
	suggested, err := d.file.Suggest(d.policy, d.today, d.policy.FirstDay(d.today))
	if err != nil {
		return nil, false, err
	}
	for _, terms := range suggested {
		considered, err := d.file.Consider(d.policy, terms, d.today)
		if err != nil {
			return nil, false, err
		}
		atOnce = considered.Verdict.Answer == negotiation.Yes
		if !first.IsZero() {
			terms.FirstDueOn = first
			if other, err := d.file.Consider(d.policy, terms, d.today); err == nil {
				considered = other
			} else if negotiation.AsRefusal(err) == nil {
				return nil, false, err
			}
		}
		each := considered.Schedule[0].Amount
		suggestion := page.Suggestion{Count: terms.Instalments, Each: each, End: considered.Schedule.End(), Tall: 100}
		if len(list) > 0 {
			suggestion.Tall = int(money.MulDivFloor(each.Minor, 100, list[0].Each.Minor))
		}
		list = append(list, suggestion)
	}
	return list, atOnce, nil
}
