package page

import (
	"html/template"
	"net/url"
	"strings"

	"amiable/negotiation/day"
	"amiable/portal/locale"
)

// Base is what every page carries. The handler fills it once per request.
type Base struct {
	Lang   locale.Language
	Agency Agency

	// Title replaces the page's own title, where it can be more telling. No
	// person's name goes in a title: titles stay in histories and on screens.
	Title string

	// Banner is said on top of every page when money is not real: "sandbox" in
	// the demo, "test" with a test key of Stripe. Empty when live.
	Banner string

	// CurrentPath is the path of this page as one may GET it, with its query if
	// any; the link to the other language comes back to it. Empty: no such link.
	CurrentPath string

	// CaseReference and FirstLetter stand in the footer once known. Before the
	// second check only FirstLetter is set.
	CaseReference string
	FirstLetter   *FirstLetter

	// SignedIn says that a debtor's session is open, so that leaving is offered.
	SignedIn bool

	// Acting is set where an adviser reads: every page says for whom.
	Acting *Acting

	// AtTitle puts the keyboard, and with it a screen reader, at the title of a
	// page that one came to by a step. See BeginAtTitle.
	AtTitle template.HTMLAttr
}

// BeginAtTitle puts the keyboard at the title. A form that came back begins at
// what is to be said about it instead.
func (b *Base) BeginAtTitle() { b.AtTitle = "autofocus" }

// Here says under which path one may GET this page, for what answers a form.
func (b *Base) Here(path string) { b.CurrentPath = path }

// FirstLetter is the letter that opened the case by law; every later page
// quotes it (CPCE R124-4).
type FirstLetter struct {
	Reference string
	SentOn    day.Day
}

// Agency is who writes and answers.
type Agency struct {
	Name    string // "Agence Aubrelle"
	City    string // "Bordeaux"
	Kind    string // third_party, in_house, regulated: what the header says it does
	Phone   string // E.164 or national
	Mail    string
	Hours   string // "du lundi au vendredi, de 9 h à 18 h", in the page's language; may be empty
	Address string
	SIREN   string
	Origin  string // "https://aubrelle.example", what the address of a true page begins with

	// The collector's papers (CPCE R124-2), shown on "is this real".
	Insurer          string
	ProsecutorCity   string
	DeclaredOn       day.Day
	DataOfficer      string // mail for one's data
	SupervisorName   string // who controls us: "DDPP de la Gironde"
	ConsumerMediator string // the creditor's, where the case is known
}

// Agent is the person who follows a case.
type Agent struct {
	Name  string // "Nadia Ferrand"
	Title string // "conseillère amiable", in the page's language; may be empty
	Phone string // a direct number; the agency's where empty
}

// FirstName is what one asks for on the phone.
func (a Agent) FirstName() string {
	first, _, _ := strings.Cut(a.Name, " ")
	return first
}

// SwitchURL leads to this page in the other language.
func (b *Base) SwitchURL() string {
	path, query, _ := strings.Cut(b.CurrentPath, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("lang", string(b.Lang.Other()))
	return path + "?" + values.Encode()
}

func (b *Base) base() *Base { return b }

// Page is a struct of this package, given by its address: the data of one
// page, which knows the template that prints it.
type Page interface {
	base() *Base
	template() string
}
