package page

import "amiable/negotiation/day"

// Live is embedded by the few debtor pages that carry a script: it shows what
// the fields mean while they are filled in. Everything on them works without.
type Live struct{}

// Script is the path of the page's script.
func (Live) Script() string { return livePath }

// Scripted is a page with a script; its policy must allow one.
type Scripted interface{ Script() string }

// scriptOf is the path of a page's script; empty where it has none.
func scriptOf(page any) string {
	if scripted, ok := page.(Scripted); ok {
		return scripted.Script()
	}
	return ""
}

// TermsPreview is what terms come to while they are typed: parts of a page, not
// a page. Each part takes the place of the one with the same id. POST /case/<kind>
// with "step" = "preview"; nothing is sent to anybody by it, nor kept.
type TermsPreview struct {
	Base
	Desk
	Kind        string
	Suggestions []Suggestion // as they would run from the first day that is typed
	Missing     *FieldError  // what does not make terms yet; nil: these do
	Shown       TermsShown
	Verdict     string
	Reasons     []Reason
	Nearest     *TermsShown
	AskFrom     day.Day
}

func (*TermsPreview) template() string { return "terms-preview" }
